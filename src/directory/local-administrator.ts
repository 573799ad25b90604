import type { Account, Grant } from './account.ts'
import type { AuditEvent, SignInAttempt } from './sign-in.ts'

/**
 * An account that no connection can touch, for the day on which the identity provider is away or wrongly set up. It signs in
 * on Latchkey's own host, with a passkey or a recovery code. See docs/decisions/0260.
 */
export interface LocalAdministrator {
  readonly organizationId: string
  readonly accountId: string
  readonly username: string
  readonly state: Account['state']
  readonly createdAt: Date
  readonly lastSignInAt?: Date
  /** When the link with which a passkey can be registered runs out; absent: there is none. */
  readonly enrolmentExpiresAt?: Date
  readonly codes: readonly RecoveryCode[]
  readonly passkeys: readonly Passkey[]
}

/** Opens one session. Only its hash is kept. */
export interface RecoveryCode {
  /** Its place in the set, from 1. */
  readonly number: number
  readonly createdAt: Date
  readonly usedAt?: Date
}

/** A public key credential. Web Authentication Level 3, 4. */
export interface Passkey {
  /** base64url. */
  readonly credentialId: string
  readonly name: string
  /** Whether it may be copied to other devices of its owner (backup eligible). */
  readonly isSynced: boolean
  readonly createdAt: Date
  readonly lastUsedAt?: Date
}

/** What is kept of a passkey besides. */
export interface PasskeyKey {
  /** COSE_Key, base64url. */
  readonly publicKey: string
  /** Signature counter; 0: the authenticator does not count. */
  readonly counter: number
}

export interface NewRecoveryCode {
  readonly number: number
  /** SHA-256 (hex). */
  readonly codeHash: string
}

export interface NewLocalAdministrator {
  readonly organizationId: string
  /** As `localAccountId` makes it. */
  readonly accountId: string
  readonly username: string
  readonly grants: readonly Grant[]
  readonly codes: readonly NewRecoveryCode[]
  readonly enrolment: Enrolment
  readonly createdAt: Date
}

/** A link with which one passkey can be registered, once. */
export interface Enrolment {
  /** SHA-256 (hex). */
  readonly codeHash: string
  readonly expiresAt: Date
}

/** Whom a credential belongs to, as far as letting them in depends on it. */
export type LocalHolder = Pick<LocalAdministrator, 'organizationId' | 'accountId' | 'username' | 'state'>

/** A recovery code, and whose name was given with it; either may be of nobody, and they may be of two. */
export interface FoundCode {
  readonly holder?: LocalHolder
  readonly usedAt?: Date
  readonly named?: LocalHolder
}

/** What letting a local administrator in writes: everything or nothing. */
export interface LocalEntry {
  readonly organizationId: string
  readonly accountId: string
  /** Used up, or counted on; when it is used up or was overtaken meanwhile nothing is written. */
  readonly proof:
    | { readonly codeHash: string }
    | { readonly credentialId: string; readonly counter: number; readonly challengeHash: string; readonly until: Date }
  readonly session: { readonly id: string; readonly tokenHash: string; readonly expiresAt: Date }
  /** How many recovery codes are left is added to its detail. */
  readonly event: AuditEvent
  readonly attempt: SignInAttempt
  readonly now: Date
}

/**
 * The id tells a local administrator from everybody else, so that storage and plans need ask nothing more: a UUID of version 8
 * (RFC 9562 5.8), where every other account has version 7.
 */
export function isLocalAccount(accountId: string): boolean {
  return accountId[14] === '8'
}

/** From a new UUID of version 7. */
export function localAccountId(id: string): string {
  return `${id.slice(0, 14)}8${id.slice(15)}`
}

const prefix = 'break-glass:'

/** What a session names in the place of a connection. No connection can be called so. */
export function localConnectionId(organizationId: string): string {
  return `${prefix}${organizationId}`
}

/** The organization whose local administrators come this way; `undefined` for a connection. */
export function organizationOfLocal(connectionId: string): string | undefined {
  return connectionId.startsWith(prefix) ? connectionId.slice(prefix.length) : undefined
}
