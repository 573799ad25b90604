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
  /** Whoever comes now would be told to try again. */
  readonly isFull: boolean
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
/**
 * While people keep coming, so many turns of the event loop belong to them before the next sign-in begins: a turn takes one
 * new connection from the port, and a sign-in makes a turn long. Who is not taken in time is cut off by the operating system.
 */
const turnsForArrivals = 4
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
  let isPumping = false
  let hasArrival = false
  let turnsGiven = 0

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
      pump()
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

  /** Fills the places that are free, in a later turn of the event loop. */
  function pump(): void {
    if (isPumping || queue.length === 0 || running >= atOnce) return
    isPumping = true
    setImmediate(() => {
      isPumping = false
      const peopleKeepComing = hasArrival
      hasArrival = false
      turnsGiven = peopleKeepComing && turnsGiven < turnsForArrivals ? turnsGiven + 1 : 0
      if (turnsGiven === 0) startWaiting(peopleKeepComing ? 1 : atOnce)
      pump()
    })
  }

  function startWaiting(most: number): void {
    for (let started = 0; started < most && running < atOnce; started++) {
      const next = callNext()
      if (next === undefined) return
      running += 1
      next.enter()
    }
  }

  return {
    async admit(applicant, work) {
      hasArrival = true
      if (running < atOnce && queue.length === 0) running += 1
      else await waitForTurn(applicant)
      try {
        return await work()
      } finally {
        running -= 1
        pump()
      }
    },
    get running() {
      return running
    },
    get waiting() {
      return queue.length
    },
    get isFull() {
      return running >= atOnce && queue.length >= places
    },
  }
}
