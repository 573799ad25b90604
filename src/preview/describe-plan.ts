import type { AccountState, FieldValue, Grant } from '../directory/account.ts'
import type { SignInState } from '../directory/sign-in.ts'
import type { Plan, PlanNote, SessionLimit } from '../provisioning/plan.ts'

/** A value of a field, who owns it and what made it. */
export interface OwnedValue {
  readonly values: readonly string[]
  readonly source: string
  readonly rule: string
}

export interface FieldChange {
  readonly field: string
  /** Absent: the account had none. */
  readonly before?: OwnedValue
  /** Absent: it is removed. */
  readonly after?: OwnedValue
}

export type DescribedGrant = Pick<Grant, 'kind' | 'name' | 'source' | 'rule'>

/** A plan as people read it: what is before, what is after, by whose rule. */
export interface DescribedPlan {
  readonly kind: Plan['kind']
  readonly state: { readonly before?: AccountState; readonly after: AccountState }
  readonly changes: boolean
  readonly username: { readonly before?: string; readonly after: string }
  readonly expiresAt?: { readonly before?: Date; readonly after?: Date }
  /** The end after it is what the account's type says. */
  readonly endsByType?: true
  /** The longest that the session may last, where the account's type says. */
  readonly sessionLimit?: SessionLimit
  /** Fields that the person would be asked for before anything opens. Absent: none. */
  readonly setUp?: readonly string[]
  /** Only those that change. */
  readonly fields: readonly FieldChange[]
  /** Fields that stay as they are. */
  readonly kept: readonly ({ readonly field: string } & OwnedValue)[]
  readonly granted: readonly DescribedGrant[]
  readonly revoked: readonly DescribedGrant[]
  /** Held after it as before. */
  readonly held: readonly DescribedGrant[]
  /** Values that arrived and were set aside, and why. */
  readonly setAside: readonly PlanNote[]
}

/** Told from what is and what would be, so that nothing a plan does can be left out. */
export function describePlan(plan: Plan, { account, grants }: SignInState): DescribedPlan {
  const before = account?.fields ?? {}
  const { after } = plan
  const names = [...new Set([...Object.keys(before), ...Object.keys(after.fields)])].sort()
  const fields = names.map((field) => ({ field, before: before[field], after: after.fields[field] }))
  const changed = fields.filter(({ before: value, after: next }) => !isSame(value, next))
  const held = new Set(grants.map(keyOf))
  const remaining = new Set(after.grants.map(keyOf))
  return {
    kind: plan.kind,
    changes: plan.changes,
    state: { ...(account === undefined ? {} : { before: account.state }), after: after.state },
    username: { ...(account === undefined ? {} : { before: account.username }), after: after.username },
    ...expiryOf(account?.expiresAt, after.expiresAt),
    ...(after.endsByType && { endsByType: true }),
    ...(plan.sessionLimit && { sessionLimit: plan.sessionLimit }),
    ...(plan.setUp === undefined ? {} : { setUp: plan.setUp }),
    fields: changed.map(describeField),
    kept: fields.flatMap(({ field, before: value, after: next }) =>
      value !== undefined && isSame(value, next) ? [{ field, ...owned(value) }] : [],
    ),
    granted: after.grants.filter((grant) => !held.has(keyOf(grant))).map(describeGrant),
    revoked: grants.filter((grant) => !remaining.has(keyOf(grant))).map(describeGrant),
    held: after.grants.filter((grant) => held.has(keyOf(grant))).map(describeGrant),
    setAside: plan.notes,
  }
}

function isSame(one: FieldValue | undefined, other: FieldValue | undefined): boolean {
  return one === other || JSON.stringify(one && owned(one)) === JSON.stringify(other && owned(other))
}

function describeField({
  field,
  before,
  after,
}: {
  readonly field: string
  readonly before: FieldValue | undefined
  readonly after: FieldValue | undefined
}): FieldChange {
  return { field, ...(before && { before: owned(before) }), ...(after && { after: owned(after) }) }
}

function owned({ values, source, rule }: FieldValue): OwnedValue {
  return { values, source, rule }
}

export function describeGrant({ kind, name, source, rule }: Grant): DescribedGrant {
  return { kind, name, source, rule }
}

/** One grant of one account: the same name may be held from several sources. */
export function keyOf({ kind, name, source }: Pick<Grant, 'kind' | 'name' | 'source'>): string {
  return JSON.stringify([kind, name, source])
}

function expiryOf(before: Date | undefined, after: Date | undefined): Pick<DescribedPlan, 'expiresAt'> {
  if (before?.getTime() === after?.getTime()) return {}
  return { expiresAt: { ...(before && { before }), ...(after && { after }) } }
}
