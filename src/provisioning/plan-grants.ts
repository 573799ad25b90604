import type { Grant, Source } from '../directory/account.ts'
import type { PlanNote } from './plan.ts'

/** What one connection shall have granted of one kind, by name with the rule that asks for it. */
export interface WantedGrants {
  readonly kind: Grant['kind']
  readonly wanted: ReadonlyMap<string, string>
  readonly notes: readonly PlanNote[]
  /** Which grants that are held and not wanted are taken back. Absent: those of the same source. */
  readonly mayRemove?: (grant: Grant) => boolean
}

export interface PlannedGrants {
  readonly added: readonly Grant[]
  readonly removed: readonly Grant[]
}

/**
 * Brings what this source has granted to what is wanted. The same name may be granted by hand and by a connection, and
 * each takes back only its own, unless `mayRemove` says otherwise. A grant that stays keeps its rule and its date.
 */
export function reconcileGrants(
  before: readonly Grant[],
  { kind, wanted, mayRemove }: WantedGrants,
  { source, now }: { readonly source: Source; readonly now: Date },
): PlannedGrants {
  const ofKind = before.filter((grant) => grant.kind === kind)
  const held = new Set(ofKind.filter((grant) => grant.source === source).map(({ name }) => name))
  const isRemovable = mayRemove ?? ((grant: Grant) => grant.source === source)
  return {
    added: [...wanted]
      .filter(([name]) => !held.has(name))
      .map(([name, rule]) => ({ kind, name, source, rule, since: now })),
    removed: ofKind.filter((grant) => !wanted.has(grant.name) && isRemovable(grant)),
  }
}
