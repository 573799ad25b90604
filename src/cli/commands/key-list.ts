import type { CommandResult } from '../../admin/commands.ts'
import type { CliCommand } from '../cli-command.ts'
import { textTable } from '../text-table.ts'

/** One line for each of our keys. */
export function keysText(keys: CommandResult<'key.list'>): string {
  const rows = keys.map(({ purpose, state, name, promotedAt, endsAt }) => {
    return [purpose, state, promotedAt ?? 'not yet', endsAt ?? 'never', name]
  })
  return textTable(
    ['purpose', 'state', 'in use since', 'ends', 'name'],
    rows,
    'There is no key: `latchkey serve` makes them.',
  )
}

export const keyList: CliCommand = {
  words: 'key list',
  summary: 'Lists our own keys: those in use, those to come, and the last before.',
  positionals: [],
  flags: {},
  settings: 'storage',
  examples: ['latchkey key list'],
  run: async (_given, { administer }) => {
    const result = await administer('key.list', {})
    return { result, text: keysText(result) }
  },
}
