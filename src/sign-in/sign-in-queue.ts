import { LatchkeyError } from '../errors.ts'

/**
 * The one way into the steps of a sign-in: so many run at once, so many wait, and who comes when all places are taken is
 * told to try again before anything was read, verified or written. So neither the memory of this process nor what waits
 * for the database grows with the number of people at the door.
 */
export interface SignInQueue {
  /** Runs the work when it is its turn. Throws `sign_in_queue_full`; `request_invalid` for who went away meanwhile. */
  admit<T>(applicant: Applicant, work: () => Promise<T>): Promise<T>
  readonly running: number
  readonly waiting: number
}

export interface Applicant {
  /** What waiting costs: the length of what was posted. */
  readonly bytes: number
  /** Whether nobody waits for the answer any more: then the assertion stays unused, for the next try. */
  readonly hasLeft: () => boolean
}

export interface SignInQueueOptions {
  readonly atOnce: number
  readonly waiting: number
  readonly nowMs: () => number
}

/** What all who wait may have posted together. A usual response takes 10 KB; one may take 512 KB. */
const maximumWaitingBytes = 64 * 1024 * 1024
const longestRetrySeconds = 30
/** Those who are told to try again come back over this many seconds, not all in the same one. */
const spreadSeconds = 4

interface Waiting extends Applicant {
  readonly sinceMs: number
  readonly enter: () => void
  readonly leave: () => void
}

export function createSignInQueue({ atOnce, waiting: places, nowMs }: SignInQueueOptions): SignInQueue {
  const queue: Waiting[] = []
  let running = 0
  let waitingBytes = 0
  let turnedAway = 0

  function refuse(): LatchkeyError {
    turnedAway += 1
    const waitedSeconds = Math.ceil((nowMs() - (queue[0]?.sinceMs ?? nowMs())) / 1000)
    const retryAfterSeconds = Math.min(longestRetrySeconds, 1 + waitedSeconds + (turnedAway % spreadSeconds))
    return new LatchkeyError('sign_in_queue_full', { check: 'places in the queue', retryAfterSeconds })
  }

  function waitForTurn(applicant: Applicant): Promise<void> {
    if (queue.length >= places || waitingBytes + applicant.bytes > maximumWaitingBytes) throw refuse()
    waitingBytes += applicant.bytes
    return new Promise((resolve, reject) => {
      const leave = () => reject(new LatchkeyError('request_invalid', { check: 'end of the request' }))
      queue.push({ ...applicant, sinceMs: nowMs(), enter: resolve, leave })
    })
  }

  /** The next one who still wants to come in. */
  function callNext(): Waiting | undefined {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      waitingBytes -= next.bytes
      if (!next.hasLeft()) return next
      next.leave()
    }
    return undefined
  }

  /** The place goes to the next one, so that nobody who comes now is faster. */
  function passOn(): void {
    const next = callNext()
    if (next === undefined) running -= 1
    else next.enter()
  }

  return {
    async admit(applicant, work) {
      if (running < atOnce) running += 1
      else await waitForTurn(applicant)
      try {
        return await work()
      } finally {
        passOn()
      }
    },
    get running() {
      return running
    },
    get waiting() {
      return queue.length
    },
  }
}
