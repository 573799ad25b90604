import { workerData } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import type { WorkerSettings } from './messages.ts'

/** A thread of its own for initdb, because it takes half a gigabyte of memory that only the thread's end gives back. */
const { databaseDirectory } = workerData as WorkerSettings
const database = await PGlite.create({ dataDir: databaseDirectory })
await database.close()
