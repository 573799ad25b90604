import { LatchkeyError } from '../../errors.ts'

/** So many may be at work at once; whoever comes then is told to try again, and nobody waits. */
export interface Places {
  /** Gives the function that leaves the place. Throws `api_busy`. */
  take(): () => void
}

export function createPlaces(number: number): Places {
  let taken = 0
  return {
    take() {
      if (taken >= number) {
        throw new LatchkeyError('api_busy', {
          check: 'requests at once',
          wanted: `at most ${number}`,
          retryAfterSeconds: 1,
        })
      }
      taken++
      let isLeft = false
      return () => {
        if (!isLeft) taken--
        isLeft = true
      }
    },
  }
}
