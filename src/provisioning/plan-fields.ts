import { type FieldValue, normalForm, type Source } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import type { UpdatePolicy } from '../directory/mapping-settings.ts'
import type { PlanNote } from './plan.ts'
import type { Subject } from './subject.ts'

/** Fields whose spelling may vary from one sign-in to the next without meaning anything. */
const foldedFields = new Set(['uid', 'mail'])

export interface PlannedFields {
  /** `null`: the field is removed. */
  readonly changed: Readonly<Record<string, FieldValue | null>>
  readonly after: Readonly<Record<string, FieldValue>>
  readonly notes: readonly PlanNote[]
}

export interface FieldContext {
  readonly source: Source
  readonly now: Date
  readonly connection: Connection
  readonly isCreated: boolean
}

/**
 * Fields that arrived and differ are written when their update policy says so; those that did not arrive are kept, and
 * those that the mapping clears are removed. A value that somebody else wrote stays as it is; what the person wrote
 * themselves gives way to a value that the connection's mapping of this very field gives. The same values in another order
 * are the same values: nothing is written and the provenance is kept.
 */
export function planFields(
  before: Readonly<Record<string, FieldValue>>,
  subject: Subject,
  { source, now, connection, isCreated }: FieldContext,
): PlannedFields {
  const after = new Map(Object.entries(before))
  const changed: [string, FieldValue | null][] = []
  const notes: PlanNote[] = []
  for (const [field, { values, rule }] of Object.entries(subject.fields)) {
    const current = after.get(field)
    if (current === undefined && values.length === 0) continue
    if (current !== undefined && isSame(field, current.values, values)) continue
    if (current !== undefined && current.source !== source && !givesWay(current, field, values, connection)) {
      notes.push({ subject: 'field', value: field, reason: `kept: it was written by ${current.source}` })
      continue
    }
    const policy = updatePolicyOf(field, connection)
    if (!mayWrite(policy, { isCreated, isEmpty: current === undefined })) {
      notes.push({ subject: 'field', value: field, reason: `not written: its update policy is ${policy}` })
      continue
    }
    if (values.length === 0) {
      after.delete(field)
      changed.push([field, null])
      continue
    }
    const next: FieldValue = { values, source, rule, since: now }
    after.set(field, next)
    changed.push([field, next])
  }
  return { changed: Object.fromEntries(changed), after: Object.fromEntries(after), notes }
}

/** Nothing is taken from a person without another value in its place: they would be asked anew at each sign-in. */
function givesWay(current: FieldValue, field: string, values: readonly string[], { settings }: Connection): boolean {
  const rules = settings.attributeMapping
  return current.source === 'person' && values.length > 0 && rules !== undefined && Object.hasOwn(rules, field)
}

/** What the field's own rule says (of several, the first that says), else what the connection says for all. */
export function updatePolicyOf(field: string, { settings }: Connection): UpdatePolicy {
  const rules = settings.attributeMapping
  const mapped = rules !== undefined && Object.hasOwn(rules, field) ? rules[field] : undefined
  const saying = [mapped || []].flat().find(({ update }) => update !== undefined)
  return saying?.update ?? settings.fieldUpdates
}

function mayWrite(policy: UpdatePolicy, on: { readonly isCreated: boolean; readonly isEmpty: boolean }): boolean {
  if (policy === 'everySignIn') return true
  if (policy === 'never') return false
  return policy === 'onCreate' ? on.isCreated : on.isEmpty
}

function isSame(field: string, current: readonly string[], arrived: readonly string[]): boolean {
  if (current.length !== arrived.length) return false
  const sorted = (values: readonly string[]) => (foldedFields.has(field) ? values.map(normalForm) : [...values]).sort()
  const [left, right] = [sorted(current), sorted(arrived)]
  return left.every((value, index) => value === right[index])
}
