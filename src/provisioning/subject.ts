import type { NameId } from '../saml/verified-assertion.ts'

declare const mapped: unique symbol

/** One field as the assertion gives it. */
export interface MappedField {
  readonly values: readonly string[]
  /** The attribute that gave it. */
  readonly rule: string
}

/** Whom an assertion speaks of, in our words. Only `mapSubject` makes one: mandatory attributes are there, formats are right. */
export interface Subject {
  /** What the identity is matched on, byte for byte, within the connection. */
  readonly subjectKey: string
  readonly nameId?: NameId
  readonly username: string
  /** Where the user name was taken from. */
  readonly usernameRule: 'uid' | 'nameId' | 'mail' | 'subjectKey'
  /** Only fields that arrived with a value. */
  readonly fields: Readonly<Record<string, MappedField>>
  /** Role values as they arrived; not yet filtered by what may be granted. */
  readonly roles: readonly string[]
  /** `unknown`: the identity provider had too many to send (Entra ID overage); nothing is taken back then. */
  readonly groups: readonly string[] | 'unknown'
  readonly accountExpiresAt?: Date
  /** Names of all attributes that arrived, for refusals and traces. */
  readonly arrivedAttributes: readonly string[]
  readonly [mapped]: true
}
