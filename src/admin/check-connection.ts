import type { Connection } from '../directory/connection.ts'
import { fallbackRole, type Role } from '../directory/role.ts'
import { LatchkeyError } from '../errors.ts'

/**
 * Refuses a connection that could grant what it must not: every role it names exists in its organization and none
 * administers Latchkey. Throws `role_not_found`, `role_not_grantable`.
 */
export function checkConnectionRoles(connection: Connection, roles: readonly Role[]): void {
  const { grantableRoles, defaultRole } = connection.settings
  for (const name of grantableRoles) checkRole(name, 'grantableRoles', connection, roles)
  checkRole(defaultRole ?? fallbackRole, 'defaultRole', connection, roles)
}

function checkRole(name: string, setting: string, connection: Connection, roles: readonly Role[]): void {
  const own = roles.filter((role) => role.organizationId === connection.organizationId)
  const role = own.find((candidate) => candidate.name === name)
  const detail = {
    check: setting,
    wanted: `a role of ${connection.organizationId} of kind application: ${namesOf(own)}`,
    arrived: name,
    at: `connection ${connection.id}: settings.${setting}`,
  }
  if (!role) throw new LatchkeyError('role_not_found', detail)
  if (role.kind === 'administration') throw new LatchkeyError('role_not_grantable', detail)
}

function namesOf(roles: readonly Role[]): string {
  const names = roles.filter((role) => role.kind === 'application').map((role) => role.name)
  return names.slice(0, 20).join(', ')
}
