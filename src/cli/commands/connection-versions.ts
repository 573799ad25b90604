import { type CliCommand, positional, textFlag } from '../cli-command.ts'
import { differenceText } from '../difference-text.ts'
import { printable } from '../text-table.ts'
import { readLimit } from './account-list.ts'

export const connectionVersions: CliCommand = {
  words: 'connection versions',
  summary: 'Lists who changed a connection, when, and what.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {
    limit: { type: 'string', value: 'NUMBER', description: 'At most this many, 1 to 1000; 20 when not given.' },
  },
  settings: 'storage',
  examples: ['latchkey connection versions company-a'],
  run: async (given, { administer }) => {
    const input = { id: positional(given, 0), ...readLimit(textFlag(given, 'limit')) }
    const result = await administer('connection.versions', input)
    const text = result.map(({ version, at, actor, action, changes }) =>
      [`${version}  ${at}  ${printable(actor)}  ${action}`, ...changes.map((change) => differenceText(change))].join(
        '\n',
      ),
    )
    return { result, text: text.join('\n') }
  },
}
