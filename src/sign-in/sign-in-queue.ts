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
const longestRetrySeconds = 20
/** How much the last interval between two sign-ins counts in their mean. */
const weightOfLast = 0.1
/**
 * While people keep coming, so many turns of the event loop belong to them before the next sign-in begins: a turn takes one
 * new connection from the port, and a sign-in makes a turn long. Who is not taken in time is cut off by the operating system.
 */
const turnsForArrivals = 4

interface Waiting extends Applicant {
  readonly enter: () => void
  readonly leave: () => void
}

export function createSignInQueue({ atOnce, waiting: places, nowMs }: SignInQueueOptions): SignInQueue {
  const queue: Waiting[] = []
  let running = 0
  let waitingBytes = 0
  /** Between the ends of two sign-ins, while others wait. */
  let meanMs = 2
  let lastEndMs: number | undefined
  let lastAppointmentMs = 0
  let isPumping = false
  let hasArrival = false
  let turnsGiven = 0

  /** Everybody who is turned away gets a time of their own: after those who wait, and after those turned away before. */
  function refuse(): LatchkeyError {
    const now = nowMs()
    const afterOthers = Math.max(lastAppointmentMs + meanMs, now + queue.length * meanMs)
    lastAppointmentMs = Math.min(afterOthers, now + longestRetrySeconds * 1000)
    const retryAfterSeconds = Math.max(1, Math.ceil((lastAppointmentMs - now) / 1000))
    return new LatchkeyError('sign_in_queue_full', { check: 'places in the queue', retryAfterSeconds })
  }

  function noteEnd(): void {
    const now = nowMs()
    if (lastEndMs !== undefined) meanMs += weightOfLast * (now - lastEndMs - meanMs)
    lastEndMs = queue.length > 0 ? now : undefined
  }

  function waitForTurn(applicant: Applicant): Promise<void> {
    if (queue.length >= places || waitingBytes + applicant.bytes > maximumWaitingBytes) throw refuse()
    waitingBytes += applicant.bytes
    return new Promise((resolve, reject) => {
      const leave = () => reject(new LatchkeyError('request_invalid', { check: 'end of the request' }))
      queue.push({ ...applicant, enter: resolve, leave })
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
        noteEnd()
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
