import type { ReplayedChange } from './compare.ts'
import type { ReplayPage } from './replay-page.ts'

/** What a draft would do to everybody, added up. Counts are of people. */
export interface ReplaySummary {
  readonly people: number
  readonly changed: number
  readonly unreadable: number
  /** By code. */
  readonly refused: Readonly<Record<string, number>>
  /** Who is refused now and would not be. */
  readonly admitted: number
  /** Two who would have the same user name or subject key, or one another's account. */
  readonly conflicts: number
  /** `role billing-admin` → people. */
  readonly lost: Readonly<Record<string, number>>
  readonly gained: Readonly<Record<string, number>>
  readonly fields: Readonly<Record<string, number>>
  /** Who would be asked for something before anything opens, and is not now. */
  readonly asked: number
  readonly renamed: number
  readonly otherAccount: number
  readonly ends: number
}

/** Adds up pages as they come. */
export interface ReplaySum {
  add(page: Pick<ReplayPage, 'people' | 'unreadable' | 'changes'>): void
  summary(): ReplaySummary
}

export function startSum(): ReplaySum {
  const claims = new Map<string, string[]>()
  const counts = { refused: {}, lost: {}, gained: {}, fields: {} } as Record<string, Record<string, number>>
  const totals = { people: 0, changed: 0, unreadable: 0, admitted: 0, asked: 0, renamed: 0, otherAccount: 0, ends: 0 }
  const inConflict = new Set<string>()

  function count(table: string, names: readonly string[]): void {
    const counted = counts[table] ?? {}
    for (const name of names) counted[name] = (counted[name] ?? 0) + 1
  }

  function addChange(change: ReplayedChange): void {
    totals.changed++
    if (change.refusedWith === 'account_conflict') inConflict.add(change.accountId)
    else if (change.refusedWith !== undefined) count('refused', [change.refusedWith])
    if (change.admittedAfter !== undefined) totals.admitted++
    if (change.asked !== undefined) totals.asked++
    if (change.newUsername !== undefined) totals.renamed++
    if (change.otherAccount === true) totals.otherAccount++
    if (change.ends === true) totals.ends++
    count('lost', change.loses)
    count('gained', change.gains)
    count('fields', change.fields)
    for (const claim of change.claims) claimFor(claim, change.accountId)
  }

  function claimFor(claim: string, accountId: string): void {
    const claimants = [...(claims.get(claim) ?? []), accountId]
    claims.set(claim, claimants)
    if (claimants.length > 1) for (const one of claimants) inConflict.add(one)
  }

  return {
    add({ people, unreadable, changes }) {
      totals.people += people
      totals.unreadable += unreadable
      for (const change of changes) addChange(change)
    },
    summary: () => ({ ...totals, conflicts: inConflict.size, ...counts }) as unknown as ReplaySummary,
  }
}

/** `37 of 1,204 people would change: 12 lose role billing-admin, 3 refused, 1 conflict`. */
export function summaryText(summary: ReplaySummary): string {
  const { people, changed } = summary
  const number = (value: number) => value.toLocaleString('en-US')
  const heading = `${number(changed)} of ${number(people)} people would change`
  const asked = summary.refused.account_link_proof_required ?? 0
  const refused = Object.values(summary.refused).reduce((sum, count) => sum + count, 0) - asked
  const parts = [
    ...top(summary.lost).map(([name, count]) => `${number(count)} lose ${name}`),
    ...top(summary.gained).map(([name, count]) => `${number(count)} gain ${name}`),
    ...(refused > 0 ? [`${number(refused)} refused`] : []),
    ...(asked > 0 ? [`${number(asked)} asked for proof`] : []),
    ...(summary.conflicts > 0 ? [`${number(summary.conflicts)} conflict${summary.conflicts > 1 ? 's' : ''}`] : []),
    ...(summary.admitted > 0 ? [`${number(summary.admitted)} no longer refused`] : []),
    ...(summary.asked > 0 ? [`${number(summary.asked)} asked for more`] : []),
    ...(summary.renamed > 0 ? [`${number(summary.renamed)} renamed`] : []),
    ...(summary.otherAccount > 0 ? [`${number(summary.otherAccount)} in another account`] : []),
    ...(summary.ends > 0 ? [`${number(summary.ends)} end at another time`] : []),
    ...top(summary.fields).map(([name, count]) => `${number(count)} with another ${name}`),
  ]
  return parts.length === 0 ? `${heading}.` : `${heading}: ${parts.join(', ')}.`
}

const mostNamed = 5

/** The most frequent first. */
function top(counts: Readonly<Record<string, number>>): readonly (readonly [string, number])[] {
  const sorted = Object.entries(counts).sort(([one, left], [other, right]) => right - left || (one < other ? -1 : 1))
  const [named, others] = [sorted.slice(0, mostNamed), sorted.slice(mostNamed)]
  return others.length === 0
    ? named
    : [...named, [`${others.length} others`, others.reduce((sum, [, n]) => sum + n, 0)]]
}
