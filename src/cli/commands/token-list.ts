import type { CliCommand } from '../cli-command.ts'
import { textTable } from '../text-table.ts'

export const tokenList: CliCommand = {
  words: 'token list',
  summary: 'Lists the tokens of the API: what each may do, when it ends, in which hour it was last used.',
  positionals: [],
  flags: {},
  settings: 'storage',
  examples: ['latchkey token list'],
  run: async (_given, { administer }) => {
    const result = await administer('token.list', {})
    const rows = result.map(({ name, scope, mayReveal, organizationId, expiresAt, state, lastUsedAt }) => [
      name,
      mayReveal ? `${scope}, may reveal` : scope,
      organizationId ?? 'all',
      state,
      expiresAt,
      lastUsedAt ?? 'never',
    ])
    const columns = ['name', 'scope', 'organization', 'state', 'ends', 'last used']
    return { result, text: textTable(columns, rows, 'There is no token.') }
  },
}
