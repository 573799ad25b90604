import type { ReplayDirectory } from '../directory/directory.ts'
import type { AcceptedInput } from '../sign-in/sign-in-dependencies.ts'
import { contentOf } from './input-content.ts'
import type { InputSeal } from './seal-input.ts'

/**
 * Keeps what accepted sign-ins said, after they are done and in batches: a sign-in only leaves it here. Of each person the
 * newest of a day is enough, and the one that changed something. What waits when the process dies is lost; the next
 * sign-in of that person is kept instead. See docs/decisions/0244.
 */
export interface InputKeeper {
  keep(input: AcceptedInput): void
  /** Writes what waits. */
  flush(): Promise<void>
  /** Writes what waits, and takes no more. */
  close(): Promise<void>
}

export interface InputKeeperOptions {
  readonly directory: Pick<ReplayDirectory, 'keepSignInInputs'>
  readonly inputSeal: InputSeal
  /** Hears of a batch that could not be written; it is dropped. */
  readonly onFailed: (error: unknown) => void
  readonly flushMs?: number
  /** How many may wait; those beyond are not kept. */
  readonly mostWaiting?: number
}

const batchSize = 200
const mostPeople = 200_000

export function createInputKeeper(options: InputKeeperOptions): InputKeeper {
  const { directory, inputSeal, onFailed, flushMs = 1000, mostWaiting = 5000 } = options
  /** Person → day of the last input. */
  const seen = new Map<string, number>()
  let waiting: AcceptedInput[] = []
  let writing = Promise.resolve()
  const timer = setInterval(() => void flush(), flushMs).unref()

  function isKept({ connectionId, accountId, at, changes }: AcceptedInput): boolean {
    const person = `${connectionId} ${accountId}`
    const day = Math.floor(at.getTime() / 86_400_000)
    if (!changes && seen.get(person) === day) return true
    seen.delete(person)
    seen.set(person, day)
    if (seen.size > mostPeople) seen.delete(seen.keys().next().value ?? '')
    return false
  }

  async function write(batch: readonly AcceptedInput[]): Promise<void> {
    try {
      await directory.keepSignInInputs(newestOfEach(batch).map(toInput))
    } catch (error) {
      onFailed(error)
    }
  }

  function toInput({ assertion, changes: _changes, ...about }: AcceptedInput) {
    return { ...about, sealed: inputSeal.seal(contentOf(assertion), about) }
  }

  function flush(): Promise<void> {
    const batches: AcceptedInput[][] = []
    for (let start = 0; start < waiting.length; start += batchSize) {
      batches.push(waiting.slice(start, start + batchSize))
    }
    waiting = []
    for (const batch of batches) writing = writing.then(() => write(batch))
    return writing
  }

  return {
    keep(input) {
      if (waiting.length < mostWaiting && !isKept(input)) waiting.push(input)
    },
    flush,
    close() {
      clearInterval(timer)
      return flush()
    },
  }
}

/** One statement writes a row once. */
function newestOfEach(batch: readonly AcceptedInput[]): readonly AcceptedInput[] {
  return [...new Map(batch.map((input) => [`${input.connectionId} ${input.accountId}`, input])).values()]
}
