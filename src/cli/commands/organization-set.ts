import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'

export const organizationSet: CliCommand = {
  words: 'organization set',
  summary: 'Changes the name of an organization or how many active accounts it may have.',
  positionals: [{ name: 'ID', description: 'The organization.' }],
  flags: {
    name: { type: 'string', value: 'TEXT', description: 'Name for people.' },
    'seat-limit': {
      type: 'string',
      value: 'NUMBER',
      description: 'Most active accounts, or `none`. Whoever is in stays in.',
    },
  },
  settings: 'storage',
  examples: ['latchkey organization set company-a --seat-limit 250'],
  run: async (given, { administer }) => {
    const result = await administer('organization.set', {
      id: positional(given, 0),
      ...optional('name', textFlag(given, 'name')),
      ...readSeatLimit(textFlag(given, 'seat-limit')),
    })
    const seats = result.seatLimit === undefined ? 'any number of' : `at most ${result.seatLimit}`
    return { result, text: `${result.id} is ${result.name}, with ${seats} active accounts.` }
  },
}

/** Throws `input_invalid`. */
function readSeatLimit(text: string | undefined): { readonly seatLimit?: number | null } {
  if (text === undefined) return {}
  if (text === 'none') return { seatLimit: null }
  if (/^\d{1,9}$/.test(text)) return { seatLimit: Number(text) }
  throw new LatchkeyError('input_invalid', {
    check: 'seat limit',
    wanted: 'a number, or none',
    arrived: text,
    at: '--seat-limit',
  })
}
