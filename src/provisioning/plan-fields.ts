import { type FieldValue, normalForm, type Source } from '../directory/account.ts'
import type { PlanNote } from './plan.ts'
import type { Subject } from './subject.ts'

/** Fields whose spelling may vary from one sign-in to the next without meaning anything. */
const foldedFields = new Set(['uid', 'mail'])

export interface PlannedFields {
  readonly changed: Readonly<Record<string, FieldValue>>
  readonly after: Readonly<Record<string, FieldValue>>
  readonly notes: readonly PlanNote[]
}

/**
 * Fields that arrived and differ are written; those that did not arrive are kept. A value that somebody else wrote stays
 * as it is. The same values in another order are the same values: nothing is written and the provenance is kept.
 */
export function planFields(
  before: Readonly<Record<string, FieldValue>>,
  subject: Subject,
  { source, now }: { readonly source: Source; readonly now: Date },
): PlannedFields {
  const after = new Map(Object.entries(before))
  const changed: [string, FieldValue][] = []
  const notes: PlanNote[] = []
  for (const [field, { values, rule }] of Object.entries(subject.fields)) {
    const current = after.get(field)
    if (current !== undefined && isSame(field, current.values, values)) continue
    if (current !== undefined && current.source !== source) {
      notes.push({ subject: 'field', value: field, reason: `kept: it was written by ${current.source}` })
      continue
    }
    const next: FieldValue = { values, source, rule, since: now }
    after.set(field, next)
    changed.push([field, next])
  }
  return { changed: Object.fromEntries(changed), after: Object.fromEntries(after), notes }
}

function isSame(field: string, current: readonly string[], arrived: readonly string[]): boolean {
  if (current.length !== arrived.length) return false
  const sorted = (values: readonly string[]) => (foldedFields.has(field) ? values.map(normalForm) : [...values]).sort()
  const [left, right] = [sorted(current), sorted(arrived)]
  return left.every((value, index) => value === right[index])
}
