import { LatchkeyError } from '../errors.ts'
import { hashSecret } from '../sessions/browser-secret.ts'
import { sameHash } from '../sessions/token-hash.ts'
import { macOf } from './derived-key.ts'

/**
 * Ties a form to the browser it was shown in, and is the challenge of a passkey: random, bound to the browser's cookie and to
 * what it is for, counting for ten minutes. Nothing is stored when it is made, so strangers who ask for pages fill nothing;
 * that it was used is written by what it was used for.
 */

export type FormPurpose = 'enter' | 'enrol'

const tokenSeconds = 600

interface TokenContext {
  readonly purpose: FormPurpose
  /** The random value in the browser's cookie. */
  readonly browserSecret: string | undefined
  readonly secret: Buffer
  readonly now: Date
}

export function newFormToken(
  context: TokenContext & { readonly browserSecret: string; readonly randomBytes: (size: number) => Buffer },
): string {
  const until = context.now.getTime() + tokenSeconds * 1000
  const content = `${until}.${context.randomBytes(24).toString('base64url')}`
  return `${content}.${markOf(content, context.browserSecret, context)}`
}

/** When it runs out. Throws `break_glass_form_invalid`. */
export function checkFormToken(token: string, context: TokenContext): { readonly until: Date } {
  const [, content, until, mark] = /^((\d{13})\.[\w-]{32})\.([\w-]{43})$/.exec(token) ?? []
  if (content === undefined || mark === undefined) throw invalid('a page of ours')
  const { browserSecret } = context
  if (browserSecret === undefined || !sameHash(mark, markOf(content, browserSecret, context))) {
    throw invalid('the browser that the page was shown in')
  }
  if (Number(until) <= context.now.getTime()) throw invalid(`within ${tokenSeconds} seconds`)
  return { until: new Date(Number(until)) }
}

function markOf(content: string, browserSecret: string, { purpose, secret }: TokenContext): string {
  return macOf(secret, 'form token', `${purpose} ${hashSecret(browserSecret)} ${content}`).toString('base64url')
}

function invalid(wanted: string): LatchkeyError {
  return new LatchkeyError('break_glass_form_invalid', { check: 'form token', wanted })
}
