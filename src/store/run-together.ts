import { DatabaseError } from 'pg'
import { breaksConnection } from './storage-error.ts'

/** One kind of statement that can be asked for one or for many at once. */
export interface Work<Ask, Answer> {
  /** By itself. Throws what went wrong with it. */
  readonly alone: (ask: Ask) => Promise<Answer>
  /** In one statement; an answer for each, in their order, undefined for one that must be asked again alone. */
  readonly together: (asks: readonly Ask[]) => Promise<readonly (Answer | undefined)[]>
}

interface Waiting<Ask, Answer> {
  readonly ask: Ask
  readonly resolve: (answer: Answer | PromiseLike<Answer>) => void
  readonly reject: (error: unknown) => void
}

/** Below the 64 subtransactions that PostgreSQL keeps at hand for a connection. */
const mostTogether = 32
/** One that waits for a lock or a slow disk does not hold up those behind it for longer. */
const patienceMilliseconds = 50

/**
 * What is asked for in the same turn of the event loop, or while a statement is under way, becomes one statement: it is
 * begun, sent, planned, synced and answered once. One that comes alone is sent alone, without waiting. Decision 0187.
 *
 * What fails alone fails by itself. When a statement for many fails, each is asked again alone, unless the connection broke:
 * then nobody knows what was written.
 */
export function runTogether<Ask, Answer>(work: Work<Ask, Answer>): (ask: Ask) => Promise<Answer> {
  const waiting: Waiting<Ask, Answer>[] = []
  let isBusy = false

  function schedule(): void {
    isBusy = true
    setImmediate(begin)
  }

  function begin(): void {
    void atMost(patienceMilliseconds, answer(waiting.splice(0, mostTogether), work)).then(end)
  }

  function end(): void {
    isBusy = false
    if (waiting.length > 0) schedule()
  }

  return (ask) =>
    new Promise((resolve, reject) => {
      waiting.push({ ask, resolve, reject })
      if (!isBusy) schedule()
    })
}

/** Gives way when the work is done, or has taken so long. The work must not reject. */
function atMost(milliseconds: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds)
    void work.then(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}

/** Never rejects. Gives way when the statement has answered, not when those have that are asked again. */
async function answer<Ask, Answer>(group: readonly Waiting<Ask, Answer>[], work: Work<Ask, Answer>): Promise<void> {
  const [only] = group
  if (only !== undefined && group.length === 1) {
    await work.alone(only.ask).then(only.resolve, only.reject)
    return
  }
  try {
    const answers = await work.together(group.map(({ ask }) => ask))
    group.forEach(({ ask, resolve }, index) => {
      resolve(answers[index] ?? work.alone(ask))
    })
  } catch (error) {
    const isUndone = error instanceof DatabaseError && !breaksConnection(error)
    for (const { ask, resolve, reject } of group) isUndone ? resolve(work.alone(ask)) : reject(error)
  }
}
