import type { AuditEvent } from './sign-in.ts'

/** A session that somebody ended here, and what its identity provider is told of it: kept for ten minutes. */
export interface LogoutRequest {
  readonly organizationId: string
  readonly connectionId: string
  /** ID of the LogoutRequest; unguessable, unique over all organizations. */
  readonly id: string
  /** Text of the NameID as it arrived; absent when the assertion had none. */
  readonly nameId?: string
  readonly sessionIndex?: string
  /** Absolute address on Latchkey's origin or on an application's origin; absent: our own page. */
  readonly returnTo?: string
  /** What the identity provider answered; absent: nothing yet. */
  readonly outcome?: LogoutOutcome
  readonly createdAt: Date
  readonly expiresAt: Date
}

/** `partial`: signed out there, but not at every service that the identity provider had led to. */
export type LogoutOutcome = 'success' | 'partial' | 'failed'

/** What is kept of a session that ends. */
export type NewLogoutRequest = Pick<LogoutRequest, 'id' | 'returnTo' | 'createdAt' | 'expiresAt'>

/** What a verified LogoutRequest of an identity provider ends. */
export interface SessionsEnding {
  readonly organizationId: string
  readonly connectionId: string
  /** Consumed once. */
  readonly request: { readonly id: string; readonly rememberUntil: Date }
  /** Canonical text of the NameID. */
  readonly nameId: string
  /** Empty: every session of the NameID. */
  readonly sessionIndexes: readonly string[]
  /** Recorded when a session ended; its target becomes the account. */
  readonly event: AuditEvent
}

export interface SessionsEnded {
  /** Sign-ins; the sessions of applications that hung on them are not counted. */
  readonly sessionsEnded: number
  /** False when nobody ever signed in under this NameID over this connection, as far as we remember. */
  readonly isKnown: boolean
}
