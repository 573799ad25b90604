const waits = [5, 30, 120, 600, 1800] as const
const longestSeconds = 3600

/** A receiver that has not taken a notice by then is not going to: three days. */
export const givenUpAfterMs = 72 * 3_600_000

/** Seconds from this try, counted from 1, to the next. */
export function secondsToNextTry(attempts: number): number {
  return waits[attempts - 1] ?? longestSeconds
}
