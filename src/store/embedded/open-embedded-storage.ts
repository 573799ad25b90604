import { once } from 'node:events'
import { resolve } from 'node:path'
import { Worker } from 'node:worker_threads'
import { LatchkeyError } from '../../errors.ts'
import type { Storage, StorageDependencies } from '../storage.ts'
import { StoragePool } from '../storage-pool.ts'
import { copyOf, databaseDirectoryIn, ensureDatabase, isOpenToOthers, makeDataDirectory } from './data-directory.ts'
import { DatabaseStream } from './database-stream.ts'
import { DatabaseWorker } from './database-worker.ts'
import { lockDataDirectory } from './lock.ts'
import type { WorkerSettings } from './messages.ts'
import { startUpkeep, type UpkeepIntervals } from './upkeep.ts'

/**
 * The embedded database: PostgreSQL compiled to WebAssembly (PGlite), in a thread of its own, on files in the data
 * directory. `pg` speaks to it over one connection as it would to a server. What PGlite leaves out is here, a file each:
 * the fsync (`durable-file-system`) and the proof that it happens (`prove-durable`), the lock, checkpoints and vacuum
 * (`upkeep`), a whole or no database after the first start (`data-directory`). Nothing here knows our schema.
 */

export interface EmbeddedStorageOptions extends UpkeepIntervals {
  readonly dataDirectory: string
  /** Directory of a closed database to begin with instead of an empty one; used when there is none yet. */
  readonly template?: string
}

/** How long a query waits for its turn before it is refused with `storage_unavailable`. */
const waitMilliseconds = 30_000

/** Throws `data_directory_locked`, `storage_not_durable`, `storage_version_unsupported`, `storage_unavailable`. */
export async function openEmbeddedStorage(
  options: EmbeddedStorageOptions,
  dependencies: StorageDependencies,
): Promise<Storage> {
  const dataDirectory = resolve(options.dataDirectory)
  makeDataDirectory(dataDirectory)
  if (isOpenToOthers(dataDirectory)) {
    dependencies.report({ level: 'warn', message: `others on this machine may read ${dataDirectory}: chmod 700 it` })
  }
  const lock = await lockDataDirectory(dataDirectory)
  try {
    const databaseDirectory = databaseDirectoryIn(dataDirectory)
    const create = options.template === undefined ? createDatabase : copyOf(options.template)
    await ensureDatabase(databaseDirectory, create)
    const storage = await openDatabase(databaseDirectory, options, dependencies)
    return { ...storage, close: () => storage.close().finally(() => lock.release()) }
  } catch (error) {
    await lock.release()
    throw error
  }
}

async function openDatabase(
  databaseDirectory: string,
  intervals: UpkeepIntervals,
  dependencies: StorageDependencies,
): Promise<Storage> {
  const worker = await DatabaseWorker.start({ databaseDirectory }, (error) =>
    dependencies.report({ level: 'error', message: 'the embedded database has stopped', error }),
  )
  const pool = new StoragePool(
    {
      max: 1,
      stream: () => new DatabaseStream(worker),
      ssl: false,
      host: 'embedded',
      user: 'postgres',
      database: 'postgres',
      password: '',
      idleTimeoutMillis: 0,
      connectionTimeoutMillis: waitMilliseconds,
    },
    () => undefined, // the connection breaks only with the thread, which was reported
  )
  const endUpkeep = startUpkeep(pool, intervals, dependencies)
  return {
    kind: 'embedded',
    pool,
    async close() {
      endUpkeep()
      await pool.end()
      await worker.close()
    },
  }
}

/** Makes an empty database in an existing, empty directory. */
export async function createDatabase(databaseDirectory: string): Promise<void> {
  const workerData: WorkerSettings = { databaseDirectory }
  const worker = new Worker(new URL('./create-database-worker.js', import.meta.url), { workerData })
  await once(worker, 'exit').catch((error: unknown) => {
    throw new LatchkeyError('storage_unavailable', { check: 'new database', arrived: String(error) }, { cause: error })
  })
}
