import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, optional, textFlag } from '../cli-command.ts'
import { textTable } from '../text-table.ts'
import { readLimit } from './account-list.ts'
import { organizationFlag } from './organization-flag.ts'

export const attemptList: CliCommand = {
  words: 'attempt list',
  summary: 'Lists the latest sign-in attempts of an organization.',
  positionals: [],
  flags: {
    ...organizationFlag,
    connection: { type: 'string', value: 'ID', description: 'Only over this connection.' },
    outcome: { type: 'string', value: 'OUTCOME', description: 'Only `accepted` or only `refused`.' },
    limit: { type: 'string', value: 'NUMBER', description: 'At most this many, 1 to 1000; 20 when not given.' },
  },
  settings: 'storage',
  examples: ['latchkey attempt list --outcome refused'],
  run: async (given, { administer }) => {
    const result = await administer('attempt.list', {
      ...readLimit(textFlag(given, 'limit')),
      ...readOutcome(textFlag(given, 'outcome')),
      ...optional('organization', textFlag(given, 'organization')),
      ...optional('connection', textFlag(given, 'connection')),
    })
    const rows = result.map(({ at, reference, connectionId, outcome, code }) => [
      at,
      reference,
      connectionId,
      outcome,
      code,
    ])
    const columns = ['at', 'reference', 'connection', 'outcome', 'code']
    return { result, text: textTable(columns, rows, 'There is no sign-in attempt.') }
  },
}

function readOutcome(text: string | undefined): { readonly outcome?: 'accepted' | 'refused' } {
  if (text === undefined) return {}
  if (text === 'accepted' || text === 'refused') return { outcome: text }
  const detail = { check: 'outcome', wanted: 'accepted or refused', arrived: text, at: '--outcome' }
  throw new LatchkeyError('input_invalid', detail)
}
