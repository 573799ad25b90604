import type { Grant, Source } from '../directory/account.ts'
import type { AuditEvent } from '../directory/sign-in.ts'
import type { PlannedGrants } from './plan-grants.ts'

/** What a plan changes, as far as the audit speaks of it. */
export interface PlannedChanges {
  readonly accountId: string
  readonly source: Source
  readonly isCreated: boolean
  readonly changedFields: readonly string[]
  readonly isRenamed: boolean
  /** The new end of the account, when it changes. */
  readonly expiresAt: Date | 'never' | undefined
  readonly grants: PlannedGrants
  /** A new identity leads to the account from now on. */
  readonly isLinked: boolean
  /** What happens to the account's state, where anything does. */
  readonly stateAction?: string
}

/**
 * One event for the account when something of it changes, and one for its state, and one for the roles and groups added or removed, of each
 * kind at most one. Fields are named, their values are not: the audit outlives the person's data.
 */
export function planAudit(
  changes: PlannedChanges,
  { now, newId }: { readonly now: Date; readonly newId: () => string },
): readonly AuditEvent[] {
  const event = (action: string, detail: AuditEvent['detail']): AuditEvent => ({
    id: newId(),
    at: now,
    actor: changes.source,
    action,
    target: `account:${changes.accountId}`,
    detail,
  })
  const { added, removed } = changes.grants
  return [
    ...accountDetail(changes).map((detail) => event(changes.isCreated ? 'account.created' : 'account.updated', detail)),
    ...(changes.isLinked ? [event('account.linked', { by: 'verifiedDomain' })] : []),
    ...(changes.stateAction === undefined ? [] : [event(changes.stateAction, {})]),
    ...namesOf('role', added).map((roles) => event('role.granted', { roles })),
    ...namesOf('role', removed).map((roles) => event('role.revoked', { roles })),
    ...namesOf('group', added).map((groups) => event('group.added', { groups })),
    ...namesOf('group', removed).map((groups) => event('group.removed', { groups })),
  ]
}

function accountDetail(changes: PlannedChanges): readonly AuditEvent['detail'][] {
  const { changedFields, isCreated, isRenamed, expiresAt } = changes
  if (!isCreated && changedFields.length === 0 && !isRenamed && expiresAt === undefined) return []
  const expiry =
    expiresAt === undefined ? {} : { expiresAt: expiresAt === 'never' ? expiresAt : expiresAt.toISOString() }
  return [{ fields: [...changedFields].sort(), ...(isRenamed ? { usernameChanged: true } : {}), ...expiry }]
}

/** Name → rule, nothing when there is none of that kind. */
function namesOf(kind: Grant['kind'], grants: readonly Grant[]): readonly Readonly<Record<string, string>>[] {
  const named = grants.filter((grant) => grant.kind === kind).map(({ name, rule }) => [name, rule] as const)
  return named.length === 0 ? [] : [Object.fromEntries(named.sort(([one], [other]) => (one < other ? -1 : 1)))]
}
