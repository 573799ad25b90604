import type { SessionLimits } from '../directory/session.ts'
import { LatchkeyError } from '../errors.ts'
import { sha256Hex } from './token-hash.ts'

/**
 * Sessions: what a browser holds after a sign-in, and how it is found again. This folder knows neither cookies nor
 * storage: it makes tokens and hashes, `http/` puts the token into a cookie, `store/` keeps the hash.
 * Start reading here; then `token-hash.ts` (find) and `browser-secret.ts` (bind a request to its browser).
 */
export interface IssuedSession {
  readonly id: string
  /** For the cookie, and for nothing else: it is not kept anywhere. */
  readonly token: string
  /** SHA-256 of the token, lower-case hexadecimal. */
  readonly tokenHash: string
  readonly expiresAt: Date
}

export interface IssueSessionOptions {
  readonly now: Date
  readonly limits: SessionLimits
  /** End of the session at the identity provider, which ours does not outlive. SAML Core 2.7.2. */
  readonly sessionNotOnOrAfter?: Date
  /** UUID version 7. */
  readonly newId: () => string
  readonly randomBytes: (length: number) => Buffer
}

/**
 * A new session of Latchkey's own host, ending at the earlier of the absolute limit and SessionNotOnOrAfter.
 *
 * Throws `saml_session_expired` when it would end before it begins: clock skew lets such an assertion through
 * verification, and the browser would go round in circles.
 */
export function issueSession(options: IssueSessionOptions): IssuedSession {
  const { now, sessionNotOnOrAfter } = options
  const limit = new Date(now.getTime() + options.limits.absoluteSeconds * 1000)
  const expiresAt = sessionNotOnOrAfter !== undefined && sessionNotOnOrAfter < limit ? sessionNotOnOrAfter : limit
  if (expiresAt <= now) {
    throw new LatchkeyError('saml_session_expired', {
      check: 'SessionNotOnOrAfter',
      wanted: `after ${now.toISOString()}`,
      arrived: expiresAt.toISOString(),
    })
  }
  const token = options.randomBytes(32).toString('base64url')
  return { id: options.newId(), token, tokenHash: sha256Hex(token), expiresAt }
}
