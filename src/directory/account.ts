/** Names of the fields an account has out of the box; a connection may map further ones. */
export const standardFields = [
  'uid',
  'cn',
  'sn',
  'givenName',
  'displayName',
  'mail',
  'telephoneNumber',
  'title',
  'role',
  'organization',
  'department',
  'employeeNumber',
] as const

/**
 * Who wrote a field or a grant. A sign-in changes only what its own connection wrote, and fields of the person that its
 * mapping names. `connection:company-a`, `manual`, `file`, `person` (fields only).
 */
export type Source = `connection:${string}` | 'manual' | 'file' | 'person'

export function connectionSource(connectionId: string): Source {
  return `connection:${connectionId}`
}

/** One field of an account, with its provenance. */
export interface FieldValue {
  /** One or more values, in the order they arrived. */
  readonly values: readonly string[]
  readonly source: Source
  /** What made it: the mapped attribute's name, or the command. */
  readonly rule: string
  readonly since: Date
}

/** `pending`: waits for an administrator's approval, and has no access until then. */
export const accountStates = ['pending', 'active', 'suspended', 'deactivated'] as const
export type AccountState = (typeof accountStates)[number]

/** Our record of a person in one organization. It has no password and can never get one. */
export interface Account {
  readonly organizationId: string
  /** UUID version 7. */
  readonly id: string
  /** As it arrived, for display; unique in its organization by `normalForm`. */
  readonly username: string
  readonly state: AccountState
  /** From this second on the account has no access. */
  readonly expiresAt?: Date
  /** The account's type says when, nobody else: what says it no longer takes the end away. */
  readonly endsByType?: true
  /** Only of a pending account: when the request for approval lapses, and the account with it. */
  readonly approvalExpiresAt?: Date
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly createdAt: Date
  readonly updatedAt: Date
  readonly lastSignInAt?: Date
  /** Rises with every change a plan could depend on. */
  readonly version: number
}

/** One role or group held by one account. Groups are theirs, roles are ours. */
export interface Grant {
  readonly kind: 'role' | 'group'
  readonly name: string
  readonly source: Source
  /** `default-role`, `assertion-role`, `assertion-group`, or the command that made it. */
  readonly rule: string
  readonly since: Date
}

/** How user names and e-mail addresses are compared: trimmed, NFC, lower case. Persistent identifiers are never folded. */
export function normalForm(text: string): string {
  return text.normalize('NFC').trim().toLowerCase()
}
