import { type CliCommand, optional, textFlag } from '../cli-command.ts'
import { textTable } from '../text-table.ts'

export const connectionList: CliCommand = {
  words: 'connection list',
  summary: 'Lists the connections of one organization or of all.',
  positionals: [],
  flags: { organization: { type: 'string', value: 'ID', description: 'Only of this organization.' } },
  settings: 'storage',
  examples: ['latchkey connection list'],
  run: async (given, { administer }) => {
    const result = await administer('connection.list', optional('organization', textFlag(given, 'organization')))
    const rows = result.map(({ id, organizationId, settings, identityProvider }) => [
      id,
      organizationId,
      settings.samlEnabled ? 'on' : 'off',
      identityProvider.entityId,
    ])
    const columns = ['id', 'organization', 'sign-in', 'identity provider']
    return { result, text: textTable(columns, rows, 'There is no connection yet.') }
  },
}
