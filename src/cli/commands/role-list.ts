import { type CliCommand, optional, textFlag } from '../cli-command.ts'
import { textTable } from '../text-table.ts'
import { organizationFlag } from './organization-flag.ts'

export const roleList: CliCommand = {
  words: 'role list',
  summary: 'Lists the roles of an organization.',
  positionals: [],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey role list --organization company-a'],
  run: async (given, { administer }) => {
    const result = await administer('role.list', optional('organization', textFlag(given, 'organization')))
    const rows = result.map(({ name, kind, description }) => [name, kind, description])
    return { result, text: textTable(['name', 'kind', 'description'], rows, 'There is no role.') }
  },
}
