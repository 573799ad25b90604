import { fdatasyncSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { DurableFileSystem } from '../../../src/store/embedded/durable-file-system.ts'
import { startParameters } from '../../../src/store/embedded/start-parameters.ts'

/** A thread with a database whose disk fails after the first commits; it ends when the engine gives up. */
let failing = false
const fs = new DurableFileSystem(workerData, {
  onAbort: () => {
    parentPort?.postMessage('aborted')
    process.exit(1)
  },
  syncFile: (descriptor) => {
    if (failing) throw Object.assign(new Error('I/O error'), { code: 'EIO' })
    fdatasyncSync(descriptor)
  },
})
const database = await PGlite.create({ fs, startParams: startParameters })
await database.exec('create table note (id integer)')
parentPort?.postMessage('created')
failing = true
await database.exec('insert into note values (1)')
parentPort?.postMessage('committed')
