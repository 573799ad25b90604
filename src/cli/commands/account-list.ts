import { type AccountState, accountStates } from '../../directory/account.ts'
import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, optional, textFlag } from '../cli-command.ts'
import { textTable } from '../text-table.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountList: CliCommand = {
  words: 'account list',
  summary: 'Lists the accounts of an organization, in order of user name.',
  positionals: [],
  flags: {
    ...organizationFlag,
    limit: { type: 'string', value: 'NUMBER', description: 'At most this many, 1 to 1000; 100 when not given.' },
    state: {
      type: 'string',
      value: 'STATE',
      description: 'Only those who are `pending`, `active`, `suspended` or `deactivated`.',
    },
    after: { type: 'string', value: 'USERNAME', description: 'Begins after this one: the next page.' },
  },
  settings: 'storage',
  examples: ['latchkey account list --organization company-a --limit 20'],
  run: async (given, { administer }) => {
    const limit = readLimit(textFlag(given, 'limit'))
    const result = await administer('account.list', {
      ...limit,
      ...optional('organization', textFlag(given, 'organization')),
      ...readAccountState(textFlag(given, 'state')),
      ...optional('after', textFlag(given, 'after')),
    })
    const rows = result.map(({ username, state, fields, lastSignInAt, id }) => [
      username,
      state,
      fields.displayName?.values[0] ?? fields.cn?.values[0],
      lastSignInAt,
      id,
    ])
    const columns = ['username', 'state', 'name', 'last sign-in', 'id']
    return { result, text: textTable(columns, rows, 'There is no account.') }
  },
}

/** Throws `input_invalid`. */
function readAccountState(text: string | undefined): { readonly state?: AccountState } {
  if (text === undefined) return {}
  const state = accountStates.find((name) => name === text)
  if (state !== undefined) return { state }
  throw new LatchkeyError('input_invalid', {
    check: 'state',
    wanted: `one of ${accountStates.join(', ')}`,
    arrived: text,
    at: '--state',
  })
}

/** Throws `input_invalid`. */
export function readLimit(text: string | undefined): { readonly limit?: number } {
  if (text === undefined) return {}
  if (/^\d{1,6}$/.test(text)) return { limit: Number(text) }
  throw new LatchkeyError('input_invalid', { check: 'limit', wanted: 'a number', arrived: text, at: '--limit' })
}
