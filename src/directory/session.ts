import type { Account, Grant } from './account.ts'

/**
 * A browser's proof that a sign-in happened. The browser holds 32 random bytes; we keep their SHA-256.
 * A session of an application hangs on the session of Latchkey's own host that opened it, and ends with it.
 */
export interface Session {
  readonly organizationId: string
  /** UUID version 7; not secret. */
  readonly id: string
  readonly accountId: string
  readonly connectionId: string
  /** Absent: a session of Latchkey's own host. */
  readonly applicationId?: string
  readonly createdAt: Date
  readonly lastSeenAt: Date
  /** The earliest of: absolute limit, SessionNotOnOrAfter. The account's expiry counts besides. */
  readonly expiresAt: Date
}

/** What a request with a session may know: read in one round trip, nothing cached. */
export interface SessionHolder {
  readonly session: Session
  readonly account: Account
  readonly grants: readonly Grant[]
}

export interface SessionLimits {
  /** A session unused for this long ends. */
  readonly idleSeconds: number
  /** A session ends this long after the sign-in, used or not. */
  readonly absoluteSeconds: number
}
