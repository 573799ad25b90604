import type { Grant, Source } from '../directory/account.ts'
import type { PlanNote } from './plan.ts'

/** What one connection shall have granted of one kind, by name with the rule that asks for it. */
export interface WantedGrants {
  readonly kind: Grant['kind']
  readonly wanted: ReadonlyMap<string, string>
  readonly notes: readonly PlanNote[]
}

export interface PlannedGrants {
  readonly added: readonly Grant[]
  readonly removed: readonly Grant[]
}

/**
 * Brings what this source has granted to what is wanted. Grants of other sources are not looked at: the same name may be
 * granted by hand and by a connection, and each takes back only its own. A grant that stays keeps its rule and its date.
 */
export function reconcileGrants(
  before: readonly Grant[],
  { kind, wanted }: WantedGrants,
  { source, now }: { readonly source: Source; readonly now: Date },
): PlannedGrants {
  const own = before.filter((grant) => grant.kind === kind && grant.source === source)
  const held = new Set(own.map(({ name }) => name))
  return {
    added: [...wanted]
      .filter(([name]) => !held.has(name))
      .map(([name, rule]) => ({ kind, name, source, rule, since: now })),
    removed: own.filter(({ name }) => !wanted.has(name)),
  }
}
