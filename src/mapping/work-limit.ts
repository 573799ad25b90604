import { LatchkeyError } from '../errors.ts'

/**
 * How much one rule or condition may do for one sign-in, whatever its author wrote and whatever arrives. A unit is about a
 * character made or looked through; a pattern costs its own size for each. See docs/decisions/0284.
 */
export const mostWork = 50_000_000

/** What is left of the rule that is being run; rules run one after the other and never wait. */
let left = Number.POSITIVE_INFINITY

/** Throws `attribute_invalid` when it comes to more than may be. */
export function withinWorkLimit<Result>(check: string, run: () => Result): Result {
  if (left !== Number.POSITIVE_INFINITY) return run()
  left = mostWork
  try {
    const result = run()
    // What was thrown on the way may have been caught: an expression takes `true` from either side of an `||`.
    spend(0)
    return result
  } catch (error) {
    throw error === tooMuch ? refusal(check) : error
  } finally {
    left = Number.POSITIVE_INFINITY
  }
}

/** Counts before or after the work, whichever is known. Ends the rule when nothing is left. */
export function spend(units: number): void {
  left -= units
  if (left < 0) throw tooMuch
}

const tooMuch = new Error('more work than a rule may take')

function refusal(check: string): LatchkeyError {
  return new LatchkeyError('attribute_invalid', {
    check,
    wanted: `at most ${mostWork} characters made or looked through`,
    arrived: 'more',
    advice: 'Let the rule read fewer values, or make it simpler: patterns cost their size for each character.',
  })
}
