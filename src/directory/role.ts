/** Ours, as against a group, which is theirs. RFC 7643 4.1.2. */
export interface Role {
  readonly organizationId: string
  /** As `namePattern`; unique in its organization. */
  readonly name: string
  readonly description: string
  /** `administration` roles administer Latchkey itself and never come from an assertion. */
  readonly kind: RoleKind
}

export type RoleKind = 'application' | 'administration'

/** The default role of a connection that names none. Every organization is born with it. */
export const fallbackRole = 'agent'

/** The role that administers an organization. Every organization is born with it. */
export const administratorRole = 'latchkey-administrator'

/** What every organization is born with. */
export const bornRoles: readonly Omit<Role, 'organizationId'>[] = [
  { name: fallbackRole, description: 'Held by an account for which no other role arrives.', kind: 'application' },
  { name: administratorRole, description: 'Administers the organization in Latchkey.', kind: 'administration' },
]
