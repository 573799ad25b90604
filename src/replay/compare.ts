import { normalForm } from '../directory/account.ts'
import type { SignInState } from '../directory/sign-in.ts'
import type { ErrorCode } from '../errors.ts'
import type { Plan } from '../provisioning/plan.ts'

/** What a sign-in comes to under one configuration. */
export type Outcome =
  | { readonly plan: Plan; readonly state: SignInState; readonly code?: never }
  | { readonly code: ErrorCode; readonly plan?: never }

/** What is different for one person. Lists are of names: `role billing-admin`. */
export interface ReplayedChange {
  readonly accountId: string
  readonly username: string
  /** Refused now, or not any more. */
  readonly refusedWith?: ErrorCode
  readonly admittedAfter?: ErrorCode
  readonly gains: readonly string[]
  readonly loses: readonly string[]
  /** Fields that would have other values. */
  readonly fields: readonly string[]
  /** Fields the person would be asked for, and is not now. */
  readonly asked?: readonly string[]
  readonly newUsername?: string
  /** Would come to another account, or a new one, than now. */
  readonly otherAccount?: boolean
  readonly ends?: boolean
  readonly state?: string
  /** Normal form of what the person would be called and found by, where that is new: two may want the same. */
  readonly claims: readonly string[]
}

/** `undefined`: nothing would change for this person. */
export function compareOutcomes(
  who: Pick<ReplayedChange, 'accountId' | 'username'>,
  now: Outcome,
  drafted: Outcome,
): ReplayedChange | undefined {
  const nothing = { ...who, gains: [], loses: [], fields: [], claims: [] }
  if (drafted.plan === undefined) {
    return now.plan === undefined ? undefined : { ...nothing, refusedWith: drafted.code }
  }
  if (now.plan === undefined) return { ...nothing, admittedAfter: now.code }
  return comparePlans(nothing, now.plan, drafted.plan)
}

function comparePlans(nothing: ReplayedChange, now: Plan, drafted: Plan): ReplayedChange | undefined {
  const [held, wanted] = [grantsOf(now), grantsOf(drafted)]
  const isOther = now.kind !== drafted.kind || (now.kind === 'update' && now.after.id !== drafted.after.id)
  const isRenamed = normalForm(now.after.username) !== normalForm(drafted.after.username)
  const asked = (drafted.setUp ?? []).filter((field) => !now.setUp?.includes(field)).sort()
  const change: ReplayedChange = {
    ...nothing,
    gains: [...wanted].filter((name) => !held.has(name)).sort(),
    loses: [...held].filter((name) => !wanted.has(name)).sort(),
    fields: differentFields(now, drafted),
    ...(asked.length === 0 ? {} : { asked }),
    ...(isRenamed ? { newUsername: drafted.after.username } : {}),
    ...(isOther ? { otherAccount: true } : {}),
    ...(now.after.expiresAt?.getTime() === drafted.after.expiresAt?.getTime() ? {} : { ends: true }),
    ...(now.after.state === drafted.after.state ? {} : { state: drafted.after.state }),
    claims: claimsOf(now, drafted, isRenamed),
  }
  const { gains, loses, fields, newUsername, otherAccount, ends, state } = change
  const isSame = gains.length + loses.length + fields.length + asked.length === 0
  return isSame && newUsername === undefined && !otherAccount && !ends && state === undefined ? undefined : change
}

function grantsOf({ after }: Plan): ReadonlySet<string> {
  return new Set(after.grants.map(({ kind, name }) => `${kind} ${name}`))
}

function differentFields(now: Plan, drafted: Plan): readonly string[] {
  const [before, after] = [now.after.fields, drafted.after.fields]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const valuesOf = (fields: typeof before, name: string) => JSON.stringify(fields[name]?.values ?? null)
  return names.filter((name) => before[name] !== after[name] && valuesOf(before, name) !== valuesOf(after, name)).sort()
}

function claimsOf(now: Plan, drafted: Plan, isRenamed: boolean): readonly string[] {
  return [
    ...(isRenamed || drafted.kind === 'create' ? [`user name ${normalForm(drafted.after.username)}`] : []),
    ...(now.writes.subjectKey === drafted.writes.subjectKey ? [] : [`subject key ${drafted.writes.subjectKey}`]),
  ]
}
