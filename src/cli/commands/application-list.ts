import type { CliCommand } from '../cli-command.ts'
import { textTable } from '../text-table.ts'

export const applicationList: CliCommand = {
  words: 'application list',
  summary: 'Lists the applications behind the gateway.',
  positionals: [],
  flags: {},
  settings: 'storage',
  examples: ['latchkey application list'],
  run: async (_given, { administer }) => {
    const result = await administer('application.list', {})
    const rows = result.map(({ id, settings }) => [
      id,
      settings.origin,
      settings.upstream,
      settings.connections.join(', '),
    ])
    const columns = ['id', 'origin', 'upstream', 'connections']
    return { result, text: textTable(columns, rows, 'There is no application yet: `latchkey apply` writes them.') }
  },
}
