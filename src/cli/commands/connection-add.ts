import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { connectionFlags, metadataCertificateFlag, metadataFlag, metadataOf, settingsOf } from './connection-flags.ts'
import { addressesText } from './connection-text.ts'
import { organizationFlag } from './organization-flag.ts'

export const connectionAdd: CliCommand = {
  words: 'connection add',
  summary: "Connects an organization to its identity provider, from the provider's metadata.",
  positionals: [{ name: 'ID', description: 'Stands in our addresses: lower-case letters, digits and dashes.' }],
  flags: {
    ...organizationFlag,
    metadata: { ...metadataFlag, required: true },
    preset: {
      type: 'string',
      value: 'PRESET',
      description: 'Settings that fit the product (`latchkey preset list`), where `--set` gives none.',
    },
    'metadata-certificate': metadataCertificateFlag,
    ...connectionFlags,
  },
  settings: 'storage',
  examples: [
    'latchkey connection add company-a --preset okta --metadata okta.xml',
    'latchkey connection add company-a --metadata company-a.xml --set allowIdpInitiated=true',
    'latchkey connection add company-a --metadata https://idp.company-a.example/metadata   # refreshed from there',
    'latchkey connection add company-a --metadata https://federation.example/all.xml --metadata-certificate federation.pem --entity-id https://idp.company-a.example/metadata',
  ],
  run: async (given, { administer, readInput }) => {
    const result = await administer('connection.add', {
      id: positional(given, 0),
      metadata: metadataOf(given, readInput) ?? {},
      settings: settingsOf(given),
      ...optional('organization', textFlag(given, 'organization')),
      ...optional('preset', textFlag(given, 'preset')),
      ...optional('name', textFlag(given, 'name')),
      ...optional('serviceProviderEntityId', textFlag(given, 'service-provider-entity-id')),
    })
    const { id, identityProvider } = result.connection
    const done = `Added connection ${id} to ${identityProvider.entityId}. For the administrator of that identity provider:`
    return { result, text: `${done}\n\n${addressesText(result)}` }
  },
}
