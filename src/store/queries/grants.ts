import type { Grant } from '../../directory/account.ts'
import type { AccountWrites } from '../../directory/sign-in.ts'

/** Grants as `grant_set` keeps them: a row for each kind and source, all its names in one object. */
export interface GrantRow extends Pick<Grant, 'kind' | 'source'> {
  readonly held: Readonly<Record<string, readonly [rule: string, since: string]>>
}

/** In order of kind, name and source. */
export function toGrants(rows: readonly GrantRow[] | null): readonly Grant[] {
  const grants = (rows ?? []).flatMap(({ kind, source, held }) =>
    Object.entries(held).map(([name, [rule, since]]) => ({ kind, name, source, rule, since: new Date(since) })),
  )
  return grants.sort(
    (one, other) => compare(one.kind, other.kind) || compare(one.name, other.name) || compare(one.source, other.source),
  )
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

export function toGrantRows(grants: readonly Grant[]): readonly GrantRow[] {
  return groupByRow(grants).map((ofRow) => ({
    kind: ofRow[0].kind,
    source: ofRow[0].source,
    held: Object.fromEntries(ofRow.map(({ name, rule, since }) => [name, [rule, since.toISOString()]])),
  }))
}

/** The names to take out of each row. */
export function toRemovedNames(removed: AccountWrites['grantsRemoved']) {
  return groupByRow(removed).map((ofRow) => ({
    kind: ofRow[0].kind,
    source: ofRow[0].source,
    names: ofRow.map(({ name }) => name),
  }))
}

type NonEmpty<T> = [T, ...T[]]

function groupByRow<G extends Pick<Grant, 'kind' | 'source'>>(grants: readonly G[]): readonly NonEmpty<G>[] {
  const rows = new Map<string, NonEmpty<G>>()
  for (const grant of grants) {
    const key = `${grant.kind} ${grant.source}`
    const ofRow = rows.get(key)
    if (ofRow === undefined) rows.set(key, [grant])
    else ofRow.push(grant)
  }
  return [...rows.values()]
}
