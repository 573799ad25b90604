import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { differenceText } from '../difference-text.ts'
import { roleSyncText } from '../role-sync-text.ts'
import {
  connectionFlags,
  expectVersionFlag,
  metadataCertificateFlag,
  metadataFlag,
  metadataOf,
  roleSyncAnswerOf,
  roleSyncFlags,
  settingsOf,
  versionOf,
} from './connection-flags.ts'

export const connectionSet: CliCommand = {
  words: 'connection set',
  summary: 'Changes settings of a connection, or renews its metadata.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {
    metadata: metadataFlag,
    'metadata-certificate': metadataCertificateFlag,
    ...connectionFlags,
    'expect-version': expectVersionFlag,
    ...roleSyncFlags,
  },
  settings: 'storage',
  examples: [
    'latchkey connection set company-a --set jitProvisioning=false',
    'latchkey connection set company-a --set clockSkewSeconds=null   # back to the default',
    'latchkey connection set company-a --metadata renewed.xml',
    'latchkey connection set company-a --set roleSync=authoritative --dry-run   # who would lose what',
  ],
  run: async (given, { administer, readInput }) => {
    const metadata = metadataOf(given, readInput)
    const entityId = textFlag(given, 'service-provider-entity-id')
    const result = await administer('connection.set', {
      id: positional(given, 0),
      settings: settingsOf(given),
      ...(metadata ? { metadata } : {}),
      ...optional('name', textFlag(given, 'name')),
      ...versionOf(given),
      ...roleSyncAnswerOf(given),
      ...(entityId === undefined ? {} : { serviceProviderEntityId: entityId === '' ? null : entityId }),
    })
    if (result.changes.length === 0) return { result, text: 'Nothing changed: it was like this already.' }
    const lines = [`~ connection ${result.connection.id}`, ...result.changes.map((change) => differenceText(change))]
    const concerned = result.roleSync === undefined ? [] : [roleSyncText(result.roleSync)]
    const last = result.written ? [] : ['Nothing was written (--dry-run).']
    return { result, text: [...lines, ...concerned, ...last].join('\n') }
  },
}
