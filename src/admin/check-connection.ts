import type { Connection } from '../directory/connection.ts'
import { fallbackRole, type Role } from '../directory/role.ts'
import { LatchkeyError } from '../errors.ts'
import { compiledMapping } from '../provisioning/compiled-mapping.ts'
import type { AskedModules } from '../provisioning/consult-module.ts'

/**
 * Refuses a connection that must not be saved: its rules compile and are of the right types, and it grants nothing it must
 * not. Throws `input_invalid`, `role_not_found`, `role_not_grantable`.
 */
export function checkConnection(connection: Connection, { roles, modules }: CheckedAgainst): void {
  checkMapping(connection)
  checkModule(connection, modules)
  checkConnectionRoles(connection, roles)
}

export interface CheckedAgainst {
  readonly roles: readonly Role[]
  /** The operator's; absent: there are none. */
  readonly modules: Pick<AskedModules, 'names'> | undefined
}

/** A connection names a module, never a file: which there are is the operator's to say. */
function checkModule({ id, settings: { mappingModule } }: Connection, modules: CheckedAgainst['modules']): void {
  const names = modules?.names ?? []
  if (mappingModule === undefined || names.includes(mappingModule)) return
  throw new LatchkeyError('input_invalid', {
    check: 'mappingModule',
    wanted: `one of the installation's mappingModules: ${names.join(', ') || 'none'}`,
    arrived: mappingModule,
    at: `connection ${id}: settings.mappingModule`,
    advice: 'The operator names its file in LATCHKEY_MAPPING_MODULES, on every node and for commands.',
  })
}

/** With the connection's name in front of the place in its settings. */
function checkMapping({ id, settings }: Connection): void {
  try {
    compiledMapping(settings)
    for (const [index, { grant = [] }] of (settings.roleRules ?? []).entries()) {
      checkGranted([grant].flat(), settings, `settings.roleRules.${index}.grant`)
    }
  } catch (error) {
    if (!(error instanceof LatchkeyError)) throw error
    throw new LatchkeyError(
      error.code,
      { ...error.detail, at: `connection ${id}: ${error.detail.at}` },
      { cause: error },
    )
  }
}

/** A rule that could never grant what it says is a mistake. */
function checkGranted(names: readonly string[], { grantableRoles }: Connection['settings'], at: string): void {
  const other = names.find((name) => !grantableRoles.includes(name))
  if (other === undefined) return
  const wanted = `one of grantableRoles: ${grantableRoles.slice(0, 20).join(', ')}`
  throw new LatchkeyError('input_invalid', { check: 'grant', wanted, arrived: other, at })
}

/**
 * Refuses a connection that could grant what it must not: every role it names exists in its organization and none
 * administers Latchkey. Throws `role_not_found`, `role_not_grantable`.
 */
function checkConnectionRoles(connection: Connection, roles: readonly Role[]): void {
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
