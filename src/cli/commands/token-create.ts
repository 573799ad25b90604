import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, optional, textFlag } from '../cli-command.ts'
import { textList } from '../text-table.ts'

export const tokenCreate: CliCommand = {
  words: 'token create',
  summary: 'Makes a token with which a program uses the API, and shows it this once.',
  positionals: [],
  flags: {
    name: {
      type: 'string',
      value: 'NAME',
      required: true,
      description: 'What audit events call it: lower-case letters, digits, dashes.',
    },
    scope: { type: 'string', value: 'SCOPE', description: '`read` or `write`; read when not given.' },
    organization: {
      type: 'string',
      value: 'ID',
      description: 'Good for this organization alone; for the whole installation when not given.',
    },
    reveal: { type: 'boolean', description: 'May ask for sensitive values, which is recorded each time.' },
    'expires-days': {
      type: 'string',
      value: 'NUMBER',
      description: 'Ends after so many days, 1 to 3650; 90 when not given.',
    },
  },
  settings: 'storage',
  examples: [
    'latchkey token create --name reports',
    'latchkey token create --name pipeline --scope write --organization company-a --expires-days 30',
  ],
  run: async (given, { administer, settings, print }) => {
    const result = await administer('token.create', {
      name: textFlag(given, 'name') ?? '',
      ...readScope(textFlag(given, 'scope')),
      ...optional('organization', textFlag(given, 'organization')),
      ...readDays(textFlag(given, 'expires-days')),
      reveal: given.flags.reveal === true,
    })
    if (!settings.isApiOn)
      print('The API is off in the settings read here: nobody can use the token before `api` is on.')
    const text = textList([
      ['token', result.token],
      ['name', result.name],
      ['scope', result.mayReveal ? `${result.scope}, may reveal` : result.scope],
      ['organization', result.organizationId ?? 'all'],
      ['ends', result.expiresAt],
    ])
    return { result, text: `${text}\n\nIt is shown this once. Send it as: Authorization: Bearer TOKEN` }
  },
}

function readScope(text: string | undefined): { readonly scope?: 'read' | 'write' } {
  if (text === undefined) return {}
  if (text === 'read' || text === 'write') return { scope: text }
  throw new LatchkeyError('input_invalid', { check: 'scope', wanted: 'read or write', arrived: text, at: '--scope' })
}

function readDays(text: string | undefined): { readonly expiresDays?: number } {
  if (text === undefined) return {}
  if (/^\d{1,6}$/.test(text)) return { expiresDays: Number(text) }
  const detail = { check: 'expires-days', wanted: 'a number of days', arrived: text, at: '--expires-days' }
  throw new LatchkeyError('input_invalid', detail)
}
