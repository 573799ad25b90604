import type { CliCommand } from '../cli-command.ts'
import { keysText } from './key-list.ts'
import { purposeFlag, purposeOf } from './key-next.ts'

export const keyPromote: CliCommand = {
  words: 'key promote',
  summary: 'Uses the next key of a purpose from now on; running servers follow within a minute.',
  positionals: [],
  flags: { purpose: purposeFlag },
  settings: 'storage',
  examples: ['latchkey key promote'],
  run: async (given, { administer }) => {
    const result = await administer('key.promote', purposeOf(given))
    return { result, text: keysText(result) }
  },
}
