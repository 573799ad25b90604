import { type FixSide, LatchkeyError } from '../errors.ts'

export const whoMustAct: Readonly<Record<FixSide, string>> = {
  'identity-provider': 'the administrator of the identity provider',
  'service-provider': 'the administrator of this Latchkey installation',
  person: 'the person who signs in',
  caller: 'you: the command, its input or its configuration',
}

/** A refusal as people read it: sentence, code, what was checked, and who can put it right. Never a stack trace. */
export function refusalText(error: unknown): string {
  if (!(error instanceof LatchkeyError)) {
    return `latchkey: Something went wrong on our side. (internal)\n  arrived  ${describe(error)}`
  }
  const { check, wanted, arrived, at, advice } = error.detail
  const lines = Object.entries({ check, wanted, arrived, at, advice, 'to fix': whoMustAct[error.fix] })
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `  ${name.padEnd(8)} ${oneLine(String(value))}`)
  return [`latchkey: ${error.message} (${error.code})`, ...lines].join('\n')
}

/** The same for `-o json`. */
export function refusalJson(error: unknown): string {
  const refusal =
    error instanceof LatchkeyError
      ? { code: error.code, message: error.message, fix: error.fix, detail: error.detail }
      : { code: 'internal', message: describe(error) }
  return JSON.stringify({ error: refusal }, null, 2)
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : 'an unknown error'
}

/** Input that stands in a refusal cannot write to the terminal. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ')
}
