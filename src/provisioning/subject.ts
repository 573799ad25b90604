import type { AccountType } from '../directory/organization-declarations.ts'
import type { NameId } from '../saml/verified-assertion.ts'

declare const mapped: unique symbol

/** One field as the assertion gives it. */
export interface MappedField {
  /** Empty: the field is to be cleared, where this connection wrote it. */
  readonly values: readonly string[]
  /** The attribute or the named rule that gave it. */
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
  /** Fields that arrived with a value, and those that the mapping clears. */
  readonly fields: Readonly<Record<string, MappedField>>
  /** Role values as they arrived; not yet filtered by what may be granted. */
  readonly roles: readonly string[]
  /** `unknown`: the identity provider had too many to send (Entra ID overage); nothing is taken back then. */
  readonly groups: readonly string[] | 'unknown'
  /** The type that the organization's declarations choose. */
  readonly accountType?: AccountType
  /** Rules that made roles and groups, by their names; one that is not here arrived as it is. */
  readonly madeBy: { readonly role: RuleNames; readonly group: RuleNames }
  /** Rules for roles that could not be decided, because the groups are unknown: what they granted stays. */
  readonly undecidedRules: readonly string[]
  /** Values that arrived and were set aside by the mapping, and why. */
  readonly setAside: readonly SetAside[]
  /** Absent: nothing arrived. */
  readonly accountExpiresAt?: Date | 'never'
  /** Names of all attributes that arrived, for refusals and traces. */
  readonly arrivedAttributes: readonly string[]
  readonly [mapped]: true
}

export type RuleNames = Readonly<Record<string, string>>

export interface SetAside {
  readonly subject: 'role' | 'group' | 'field'
  readonly value: string
  readonly reason: string
}
