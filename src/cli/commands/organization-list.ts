import type { CliCommand } from '../cli-command.ts'
import { textTable } from '../text-table.ts'

export const organizationList: CliCommand = {
  words: 'organization list',
  summary: 'Lists the organizations.',
  positionals: [],
  flags: {},
  settings: 'storage',
  examples: ['latchkey organization list -o json'],
  run: async (_given, { administer }) => {
    const result = await administer('organization.list', {})
    const rows = result.map(({ id, name, createdAt }) => [id, name, createdAt])
    return { result, text: textTable(['id', 'name', 'created'], rows, 'There is no organization yet.') }
  },
}
