import type { Grant, Source } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import type { AccountType } from '../directory/organization-declarations.ts'
import { fallbackRole, type Role } from '../directory/role.ts'
import { LatchkeyError } from '../errors.ts'
import type { PlanNote } from './plan.ts'
import type { WantedGrants } from './plan-grants.ts'
import { defaultRoleRule, mayTakeBack } from './role-sync.ts'
import type { Subject } from './subject.ts'

export const assertionRoleRule = 'assertion-role'

export interface RoleContext {
  readonly connection: Connection
  readonly source: Source
  readonly roles: readonly Role[]
  /** Grants the account holds; none when it is created. */
  readonly grants: readonly Grant[]
  readonly isCreated: boolean
  readonly accountType: AccountType | undefined
}

/**
 * The roles this connection shall have granted.
 *
 * With `idpManagedRoles`: the roles that arrived, as far as they exist in the organization, the connection may grant them
 * and they do not administer Latchkey; when none is left, the default role. Without it: the default role at creation, after
 * that what stands, less the roles that assertions granted while it was on (and the default role where nothing would remain).
 *
 * Throws `default_role_invalid` when the default role is needed and is not a role of the organization's applications.
 */
export function wantRoles(subject: Subject, context: RoleContext): WantedGrants {
  return context.connection.settings.idpManagedRoles ? managedRoles(subject, context) : unmanagedRoles(subject, context)
}

function managedRoles(subject: Subject, context: RoleContext): WantedGrants {
  const wanted = new Map<string, string>()
  const notes: PlanNote[] = []
  for (const value of subject.roles) {
    const reason = whyNotGrantable(value, context)
    if (reason === undefined) wanted.set(value, ruleOf(subject, value))
    else notes.push({ subject: 'role', value, reason })
  }
  for (const { name, rule } of undecided(subject, context)) if (!wanted.has(name)) wanted.set(name, rule)
  const syncing = { kind: 'role', notes, ...whatMayGo(context) } as const
  if (wanted.size > 0) return { ...syncing, wanted }
  return { ...syncing, wanted: keepsWhatItHas(context) ? new Map() : onlyDefault(context) }
}

/** What `roleSync` lets a sign-in take back. Roles that administer Latchkey are nobody's to take here. */
function whatMayGo({ connection, roles, source }: RoleContext): Pick<WantedGrants, 'mayRemove'> {
  const mode = connection.settings.roleSync
  if (mode === 'reconcileOwned') return {}
  const administration = new Set(roles.filter(({ kind }) => kind === 'administration').map(({ name }) => name))
  return { mayRemove: (grant) => mayTakeBack(mode, grant, { source, administration }) }
}

/** Where nothing is taken back, the default role is for those who hold none. */
function keepsWhatItHas({ connection, grants }: RoleContext): boolean {
  return connection.settings.roleSync === 'addOnly' && grants.some(({ kind }) => kind === 'role')
}

function ruleOf({ madeBy: { role } }: Subject, name: string): string {
  return Object.hasOwn(role, name) ? (role[name] ?? assertionRoleRule) : assertionRoleRule
}

/** What a rule granted before, that cannot be decided now because the groups are unknown: it stays. */
function undecided({ undecidedRules }: Subject, context: RoleContext): readonly Grant[] {
  if (undecidedRules.length === 0) return []
  return context.grants.filter(
    ({ kind, source, rule, name }) =>
      kind === 'role' &&
      source === context.source &&
      undecidedRules.includes(rule) &&
      whyNotGrantable(name, context) === undefined,
  )
}

function unmanagedRoles(subject: Subject, context: RoleContext): WantedGrants {
  const notes = subject.roles.map((value): PlanNote => ({ subject: 'role', value, reason: 'idpManagedRoles is off' }))
  if (context.isCreated) return { kind: 'role', wanted: onlyDefault(context), notes }
  const held = context.grants.filter((grant) => grant.kind === 'role')
  const own = held.filter((grant) => grant.source === context.source)
  const defaultName = defaultRoleName(context)
  const kept = own.filter((grant) => grant.rule === defaultRoleRule || grant.name === defaultName)
  const isEmptied = kept.length < own.length && kept.length + held.length - own.length === 0
  const wanted = isEmptied ? onlyDefault(context) : new Map(kept.map(({ name, rule }) => [name, rule]))
  return { kind: 'role', wanted, notes }
}

function whyNotGrantable(value: string, { connection, roles, accountType }: RoleContext): string | undefined {
  const role = roles.find(({ name }) => name === value)
  if (role === undefined) {
    const similar = roles.find(({ name }) => name === value.toLowerCase())
    return similar === undefined ? 'no such role in the organization' : `no such role; ${similar.name} exists`
  }
  if (role.kind !== 'application') return 'administers Latchkey: never granted by an assertion'
  if (accountType?.mayHold?.includes(value) === false) return `not among the roles of account type ${accountType.name}`
  return connection.settings.grantableRoles.includes(value)
    ? undefined
    : 'not among the grantable roles of the connection'
}

function defaultRoleName({ connection, accountType }: RoleContext): string {
  return accountType?.defaultRole ?? connection.settings.defaultRole ?? fallbackRole
}

function onlyDefault(context: RoleContext): ReadonlyMap<string, string> {
  const name = defaultRoleName(context)
  // Accounts of this type may not hold it: they have none.
  if (context.accountType?.mayHold?.includes(name) === false) return new Map()
  const role = context.roles.find((candidate) => candidate.name === name)
  if (role?.kind === 'application') return new Map([[name, defaultRoleRule]])
  throw new LatchkeyError('default_role_invalid', {
    check: 'default role',
    wanted: `a role of the organization named ${name} that does not administer Latchkey`,
    arrived: role === undefined ? 'no such role' : 'a role that administers Latchkey',
    at: `connection:${context.connection.id} defaultRole`,
    advice: 'Create the role, or name another one as the default role of the connection.',
  })
}
