import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { LatchkeyError } from '../../errors.ts'
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts'

export interface WorkerSession {
  send(batch: Uint8Array<ArrayBuffer>): void
  end(): void
}

export interface SessionListener {
  onAnswer(bytes: Buffer): void
  /** The thread ended although nobody closed it. */
  onEnd(error: LatchkeyError): void
}

/** The thread of the embedded database, seen from the main thread. */
export class DatabaseWorker {
  readonly #worker: Worker
  readonly #listeners = new Map<number, SessionListener>()
  #sessions = 0
  #closing = false
  #failure: LatchkeyError | undefined

  private constructor(worker: Worker, onFailure: (error: LatchkeyError) => void) {
    this.#worker = worker
    let reason = 'the thread ended'
    worker.on('error', (error: unknown) => {
      reason = String(error)
    })
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'answer') this.#listeners.get(message.session)?.onAnswer(Buffer.from(message.bytes.buffer))
      else if (message.kind === 'aborted') reason = message.reason
    })
    worker.once('exit', () => {
      if (this.#closing) return
      this.#failure = unavailable(reason)
      onFailure(this.#failure)
      for (const listener of this.#listeners.values()) listener.onEnd(this.#failure)
    })
  }

  /** Throws `storage_not_durable`, `storage_unavailable`. */
  static async start(settings: WorkerSettings, onFailure: (error: LatchkeyError) => void): Promise<DatabaseWorker> {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: settings })
    await untilReady(worker)
    return new DatabaseWorker(worker, onFailure)
  }

  /** Throws `storage_unavailable` when the thread has ended. */
  openSession(listener: SessionListener): WorkerSession {
    if (this.#failure !== undefined) throw this.#failure
    this.#sessions += 1
    const session = this.#sessions
    this.#listeners.set(session, listener)
    this.#tell({ kind: 'connect', session })
    return {
      send: (bytes) => this.#tell({ kind: 'batch', session, bytes }),
      end: () => this.#listeners.delete(session),
    }
  }

  /** Brings everything to the disk and ends the thread. */
  async close(): Promise<void> {
    this.#closing = true
    if (this.#failure !== undefined) return
    const exited = once(this.#worker, 'exit')
    this.#tell({ kind: 'close' })
    await exited
  }

  #tell(message: ToWorker): void {
    this.#worker.postMessage(message, message.kind === 'batch' ? [message.bytes.buffer] : [])
  }
}

async function untilReady(worker: Worker): Promise<void> {
  const outcome = await Promise.race([
    once(worker, 'message').then(([message]: FromWorker[]) => message),
    once(worker, 'exit').then(() => undefined),
  ]).catch((error: unknown) => {
    throw unavailable(String(error))
  })
  if (outcome?.kind === 'ready') return
  await worker.terminate()
  if (outcome?.kind === 'refused') throw new LatchkeyError(outcome.code, outcome.detail)
  throw unavailable(outcome?.kind === 'aborted' ? outcome.reason : 'the thread ended')
}

function unavailable(reason: string): LatchkeyError {
  return new LatchkeyError('storage_unavailable', {
    check: 'embedded database',
    arrived: reason,
    advice: 'Start Latchkey again: what was committed is recovered from the log in the data directory.',
  })
}
