import type { Grant, Source } from '../directory/account.ts'
import type { ConnectionSettings, RoleSync } from '../directory/connection.ts'

export const defaultRoleRule = 'default-role'

/** How a connection keeps roles; `off`: `idpManagedRoles` is. */
export type RoleSyncMode = RoleSync | 'off'

export function roleSyncMode({ idpManagedRoles, roleSync }: ConnectionSettings): RoleSyncMode {
  return idpManagedRoles ? roleSync : 'off'
}

/** What is asked about grants of roles, whatever arrives. */
export interface RoleHolding {
  /** The connection. */
  readonly source: Source
  /** Names of the roles that administer Latchkey: nobody's to take here. */
  readonly administration: ReadonlySet<string>
}

/** Whether a sign-in in this mode takes a role back whose reason did not arrive. */
export function mayTakeBack(
  mode: RoleSyncMode,
  { source, rule, name }: Pick<Grant, 'source' | 'rule' | 'name'>,
  holding: RoleHolding,
): boolean {
  if (mode === 'addOnly') return false
  if (mode === 'authoritative') return !holding.administration.has(name)
  return source === holding.source && (mode === 'reconcileOwned' || rule !== defaultRoleRule)
}

/**
 * Whether somebody may lose this role by a change of mode, as far as can be said without knowing what arrives. Without
 * managed roles what assertions granted goes in any case.
 */
export function mayLoseBy(
  change: { readonly from: RoleSyncMode; readonly to: RoleSyncMode },
  grant: Pick<Grant, 'source' | 'rule' | 'name'>,
  holding: RoleHolding,
): boolean {
  if (!mayTakeBack(change.to, grant, holding)) return false
  return change.to === 'off' || !mayTakeBack(change.from, grant, holding)
}
