import { Duplex } from 'node:stream'
import { BatchCutter } from './cut-batches.ts'
import type { DatabaseWorker, WorkerSession } from './database-worker.ts'

/** What `pg` takes for its socket: the protocol goes to the worker thread and its answers come back. */
export class DatabaseStream extends Duplex {
  readonly #worker: DatabaseWorker
  readonly #cutter = new BatchCutter()
  #session: WorkerSession | undefined

  constructor(worker: DatabaseWorker) {
    super()
    this.#worker = worker
  }

  /** Called by `pg` with a port and a host, which mean nothing here. */
  connect(): this {
    try {
      this.#session = this.#worker.openSession({
        onAnswer: (bytes) => this.push(bytes),
        onEnd: (error) => this.destroy(error),
      })
      process.nextTick(() => this.emit('connect'))
    } catch (error) {
      this.destroy(error instanceof Error ? error : new Error(String(error)))
    }
    return this
  }

  override _read(): void {}

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error) => void): void {
    for (const batch of this.#cutter.push(chunk)) this.#session?.send(batch)
    done()
  }

  override _writev(chunks: { chunk: Uint8Array }[], done: (error?: Error) => void): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'binary', done)
  }

  override _final(done: (error?: Error) => void): void {
    this.push(null)
    done()
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#session?.end()
    done(error)
  }

  // What `pg` asks of a socket besides.
  setNoDelay(): this {
    return this
  }
  setKeepAlive(): this {
    return this
  }
  ref(): this {
    return this
  }
  unref(): this {
    return this
  }
}
