import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, positional, textFlag } from '../cli-command.ts'
import { differenceText } from '../difference-text.ts'
import { settingsOf } from './connection-flags.ts'
import { readDraft } from './read-draft.ts'

export const connectionDraft: CliCommand = {
  words: 'connection draft',
  summary: 'Keeps a configuration of a connection until it is published; no sign-in goes by it.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {
    file: {
      type: 'string',
      short: 'f',
      value: 'FILE',
      description:
        'A connection as `latchkey export` writes it; what is left out stays as stored, what `settings` leave out has its default.',
    },
    set: { type: 'string', value: 'SETTING=VALUE', multiple: true, description: 'A setting, its value as YAML.' },
    discard: { type: 'boolean', description: 'Throws the draft away.' },
  },
  settings: 'storage',
  examples: [
    'latchkey connection draft company-a --file new.yaml',
    'latchkey connection draft company-a --set idpManagedRoles=false',
    'latchkey connection draft company-a --discard',
  ],
  run: async (given, { administer, readInput }) => {
    const id = positional(given, 0)
    const path = textFlag(given, 'file')
    const change = settingsOf(given)
    const hasChange = Object.keys(change).length > 0
    const isDiscarded = given.flags.discard === true
    if (isDiscarded === (path !== undefined || hasChange)) {
      const wanted = '--file, --set, or --discard alone'
      throw new LatchkeyError('input_invalid', { check: 'draft', wanted, arrived: isDiscarded ? 'both' : 'neither' })
    }
    const drafted = { ...(path === undefined ? {} : readDraft(path, readInput)), ...(hasChange ? { change } : {}) }
    const result = await administer('connection.draft', { id, draft: isDiscarded ? null : drafted })
    if (result.discarded) return { result, text: 'The draft is gone.' }
    const heading = `A draft of connection ${id}, made from version ${result.baseVersion}:`
    const lines = result.changes.map((change) => differenceText(change))
    return { result, text: [heading, ...(lines.length > 0 ? lines : ['    no difference'])].join('\n') }
  },
}
