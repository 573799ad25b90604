import type { z } from 'zod'
import type { Grant } from '../directory/account.ts'
import { LatchkeyError } from '../errors.ts'
import { accountInput, showAccount } from './accounts.ts'
import { type Administration, auditEvent } from './administration.ts'
import { nameInput, parseInput } from './parse-input.ts'

/** Roles given by hand. No connection takes them back, unless its `roleSync` is `authoritative`. */

export const roleGrantInput = accountInput.extend({ role: nameInput })

export interface RoleChange {
  readonly account: { readonly organizationId: string; readonly id: string; readonly username: string }
  readonly role: string
  /** False: it was so already, and nothing was written. */
  readonly changed: boolean
  /** Sources that grant the role besides: it stays until they take it back. */
  readonly alsoGrantedBy: readonly string[]
}

type Input = z.input<typeof roleGrantInput>

/** Throws `account_not_found`, `role_not_found`. */
export async function grantRole(input: Input, deps: Administration): Promise<RoleChange> {
  const { held, change } = await findGrant(input, deps)
  if (held !== undefined) return change
  const { organizationId, id } = change.account
  const grant = { kind: 'role', name: change.role, source: 'manual', rule: deps.actor, since: deps.now() } as const
  const event = auditEvent(deps, 'role.granted', `account:${id}`, { roles: { [change.role]: 'manual' } })
  await deps.directory.grantRole(organizationId, id, grant, event)
  return { ...change, changed: true }
}

/** Takes back what was given by hand. Throws `account_not_found`, `role_not_found`, `last_administrator`. */
export async function revokeRole(input: Input, deps: Administration): Promise<RoleChange> {
  const { held, change } = await findGrant(input, deps)
  if (held === undefined) return change
  const { organizationId, id } = change.account
  const event = auditEvent(deps, 'role.revoked', `account:${id}`, { roles: { [change.role]: 'manual' } })
  await deps.directory.revokeRole(organizationId, id, held, event)
  return { ...change, changed: true }
}

interface FoundGrant {
  readonly held: Grant | undefined
  readonly change: RoleChange
}

async function findGrant(input: Input, deps: Administration): Promise<FoundGrant> {
  const { role, ...which } = parseInput(roleGrantInput, input)
  const { account, grants } = await showAccount(which, deps)
  await checkRole(account.organizationId, role, deps)
  const same = grants.filter(({ kind, name }) => kind === 'role' && name === role)
  const held = same.find(({ source }) => source === 'manual')
  const { organizationId, id, username } = account
  const alsoGrantedBy = same.filter((grant) => grant !== held).map(({ source }) => source)
  return { held, change: { account: { organizationId, id, username }, role, changed: false, alsoGrantedBy } }
}

/** Throws `role_not_found`. */
export async function checkRole(organizationId: string, name: string, { directory }: Administration): Promise<void> {
  const roles = await directory.listRoles(organizationId)
  if (roles.some((role) => role.name === name)) return
  throw new LatchkeyError('role_not_found', {
    check: 'role',
    wanted: `one of ${roles
      .slice(0, 20)
      .map((role) => role.name)
      .join(', ')}`,
    arrived: name,
    at: `organization:${organizationId}`,
  })
}
