import type { RowCounts } from '../sign-in/server-process.ts'
import type { StormOutcome } from './post-at-once.ts'

export interface Weathered {
  readonly name: string
  readonly outcome: StormOutcome
  readonly seconds: number
  readonly cpuMicroseconds: number
  readonly rows: RowCounts
  /** What must be in the database now. */
  readonly wanted: { readonly accounts: number; readonly sessions: number }
}

/** Two lines a storm: what it came to, and how long people waited. */
export function printOutcome({ name, outcome, seconds, cpuMicroseconds, rows, wanted }: Weathered): void {
  const lost = wanted.sessions - Math.min(rows.sessions, rows.consumedAssertions) + (wanted.accounts - rows.accounts)
  const doubled = rows.doubled + Math.max(0, rows.sessions - wanted.sessions) + (rows.accounts - rows.identities)
  const errors = [...outcome.errors].map(([text, count]) => `${count} × ${text}`)
  const { sessions, tryAgains } = outcome
  console.log(
    `    ${name}: ${sessions} sessions in ${seconds.toFixed(1)} s, ${lost} lost, ${doubled} doubled, ` +
      `${errors.length === 0 ? 'no' : errors.join(', ')} errors, ${tryAgains} try-agains`,
  )
  console.log(
    `      until signed in: ${spread(outcome.milliseconds)}; one answer: ${spread(outcome.answerMilliseconds)}; ` +
      `${(cpuMicroseconds / sessions).toFixed(0)} µs CPU a sign-in`,
  )
}

function spread(milliseconds: readonly number[]): string {
  const sorted = [...milliseconds].sort((one, other) => one - other)
  const at = (part: number) => ((sorted[Math.floor(part * (sorted.length - 1))] ?? Number.NaN) / 1000).toFixed(2)
  return `${at(0.5)} s (median), ${at(0.95)} (95 %), ${at(0.99)} (99 %), ${at(1)} (the last)`
}
