import { inspect } from 'node:util'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { isLatchkeyError } from '../../errors.ts'
import { DurableFileSystem } from './durable-file-system.ts'
import type { FromWorker, ToWorker, WorkerSettings } from './messages.ts'
import { proveDurable } from './prove-durable.ts'
import { startParameters } from './start-parameters.ts'

/**
 * The thread in which the embedded PostgreSQL runs. It takes batches of protocol messages and gives back the answer's
 * bytes; it knows no SQL of ours. Begin reading at `serve`.
 */

/** An answer larger than this is sent in parts, in bytes. */
const answerPartBytes = 1024 * 1024

const { databaseDirectory } = workerData as WorkerSettings

function say(message: FromWorker): void {
  parentPort?.postMessage(message, message.kind === 'answer' ? [message.bytes.buffer] : [])
}

/** After an abort the engine's memory is worthless: this thread ends at once, and the log brings back what was committed. */
function abort(reason: string): never {
  say({ kind: 'aborted', reason })
  process.exit(1)
}

async function start(): Promise<PGlite> {
  const fs = new DurableFileSystem(databaseDirectory, { onAbort: abort })
  const lastWords: string[] = []
  const onStderr = (line: string) => {
    lastWords.splice(0, lastWords.length, ...lastWords.slice(-4), line)
    return false
  }
  const database = new PGlite({ fs, startParams: startParameters, onStderr })
  await database.waitReady.catch((error: unknown) => {
    throw new Error([String(error), ...lastWords].join('\n'))
  })
  await proveDurable({ execute: (sql) => database.exec(sql), syncs: () => fs.syncs })
  return database
}

async function answer(database: PGlite, session: number, batch: Uint8Array): Promise<void> {
  let parts: Uint8Array[] = []
  let length = 0
  const flush = () => {
    if (length > 0) say({ kind: 'answer', session, bytes: join(parts, length) })
    parts = []
    length = 0
  }
  const onRawData = (view: Uint8Array) => {
    parts.push(view.slice()) // the engine uses its memory again
    length += view.length
    if (length >= answerPartBytes) flush()
  }
  await database.execProtocolRawStream(batch, { syncToFs: false, onRawData })
  flush()
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length)
  let offset = 0
  for (const part of parts) {
    bytes.set(part, offset)
    offset += part.length
  }
  return bytes
}

async function obey(database: PGlite, message: ToWorker): Promise<void> {
  if (message.kind === 'batch') return answer(database, message.session, message.bytes)
  if (message.kind === 'connect') {
    await database.exec('rollback')
    await database.exec('discard all')
    return
  }
  await database.exec('rollback')
  await database.exec('checkpoint')
  await database.close()
  say({ kind: 'closed' })
  parentPort?.close()
}

async function serve(): Promise<void> {
  const database = await start()
  let turn = Promise.resolve()
  parentPort?.on('message', (message: ToWorker) => {
    turn = turn.then(() => obey(database, message)).catch((error: unknown) => abort(inspect(error)))
  })
  say({ kind: 'ready' })
}

serve().catch((error: unknown) => {
  if (isLatchkeyError(error)) say({ kind: 'refused', code: error.code, detail: error.detail })
  else say({ kind: 'refused', code: 'storage_unavailable', detail: { check: 'start', arrived: String(error) } })
  process.exitCode = 1
  parentPort?.close()
})
