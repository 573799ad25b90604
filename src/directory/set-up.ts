import type { Account, FieldValue } from './account.ts'
import type { AuditEvent } from './sign-in.ts'

/**
 * A sign-in that waits for the person to answer what their organization asks. Its session is written, with a token that
 * nobody has: whatever ends sessions ends it too. Answering gives the session a token.
 */
export interface SetUp {
  readonly organizationId: string
  readonly connectionId: string
  /** SHA-256 (hex) of the ticket in the address of the page. */
  readonly ticketHash: string
  readonly accountId: string
  /** The session that waits for its token. */
  readonly sessionId: string
  /** SHA-256 (hex) of the random value in the cookie of the browser that signed in. */
  readonly browserHash: string
  /** Where the sign-in leads; absolute, on Latchkey's origin or an application's. */
  readonly returnTo: string
  /** Names of the fields that must be answered. */
  readonly fields: readonly string[]
  readonly expiresAt: Date
  /** Absent: nobody has answered yet. */
  readonly doneAt?: Date
}

/** What the sign-in itself knows of it. */
export type NewSetUp = Pick<SetUp, 'ticketHash' | 'browserHash' | 'returnTo' | 'fields' | 'expiresAt'>

/** Read in one round trip. */
export interface SetUpState {
  readonly setUp: SetUp
  readonly account: Account
  /** Absent: it has ended meanwhile. */
  readonly session?: { readonly expiresAt: Date }
}

/** What answering writes, everything or nothing. */
export interface SetUpWrites {
  readonly organizationId: string
  readonly connectionId: string
  /** The version whose declarations were asked by; another means: read again. */
  readonly connectionVersion: number
  readonly ticketHash: string
  readonly accountId: string
  /** The version that was read; another means: read again. */
  readonly expectedVersion: number
  /** SHA-256 (hex) of the token that the session gets. */
  readonly tokenHash: string
  readonly fields: Readonly<Record<string, FieldValue>>
  /** Names of all fields whose values must be unique; given when one of them is written. */
  readonly uniqueFields?: readonly string[]
  readonly events: readonly AuditEvent[]
  readonly now: Date
}
