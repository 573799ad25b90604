import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import type { Storage, StorageDependencies } from './storage.ts'
import { StoragePool } from './storage-pool.ts'

export interface ServedStorageOptions {
  /** `postgres://…`; its parameters (`sslmode`, `sslrootcert`, `statement_timeout`, …) go before what is set here. */
  readonly url: string
  /** How many connections at most. */
  readonly poolSize: number
}

/** Opens a pool on a PostgreSQL server that answers. Throws `storage_unavailable`, `configuration_invalid`. */
export async function openServedStorage(
  { url, poolSize }: ServedStorageOptions,
  { report }: StorageDependencies,
): Promise<Storage> {
  const pool = new StoragePool(
    {
      connectionString: url,
      max: poolSize,
      application_name: 'latchkey',
      // A process at whose door everybody stands is slow to open a connection; what waits for one is bounded before.
      connectionTimeoutMillis: 15_000,
      statement_timeout: 15_000,
      // Every statement asks by whole keys: a plan for these very values would be no other, and cost more than to run it.
      options: '-c plan_cache_mode=force_generic_plan',
      idle_in_transaction_session_timeout: 30_000,
      idleTimeoutMillis: 60_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    },
    (error) =>
      report({ level: 'warn', message: 'a connection to the database broke; another is opened when needed', error }),
  )
  try {
    await pool.query('select 1')
  } catch (error) {
    await pool.end()
    throw isLatchkeyError(error) ? error : invalidUrl()
  }
  return { kind: 'postgres', pool, close: () => pool.end() }
}

/** Without what `pg` found wrong with it, which would repeat the password. */
function invalidUrl(): LatchkeyError {
  const wanted = 'postgres://USER:PASSWORD@HOST:PORT/DATABASE'
  return new LatchkeyError('configuration_invalid', { check: 'database URL', wanted })
}
