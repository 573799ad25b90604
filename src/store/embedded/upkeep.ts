import type { Pool } from 'pg'
import type { StorageDependencies } from '../storage.ts'

/** What a PostgreSQL server does in the background and the embedded one never does by itself. */
export interface UpkeepIntervals {
  /** Between checkpoints, which bound the size of the log and the time a start takes after a crash. Default: a minute. */
  readonly checkpointMilliseconds?: number
  /** Between `vacuum analyze` runs, which give room back and keep the planner informed. Default: a day. */
  readonly vacuumMilliseconds?: number
}

/** Starts the background jobs and gives the function that ends them. They never keep the process alive. */
export function startUpkeep(pool: Pool, intervals: UpkeepIntervals, { report }: StorageDependencies): () => void {
  const { checkpointMilliseconds = 60_000, vacuumMilliseconds = 86_400_000 } = intervals
  const repeat = (milliseconds: number, work: () => Promise<unknown>, message: string) =>
    setInterval(() => {
      work().catch((error: unknown) => report({ level: 'warn', message, error }))
    }, milliseconds).unref()
  const timers = [
    repeat(checkpointMilliseconds, checkpointWhenWritten(pool), 'the embedded database could not make a checkpoint'),
    repeat(vacuumMilliseconds, () => pool.query('vacuum analyze'), 'the embedded database could not be vacuumed'),
  ]
  return () => timers.forEach(clearInterval)
}

/** A checkpoint, unless nothing was written since the one before. */
function checkpointWhenWritten(pool: Pool): () => Promise<void> {
  let positionAtLast: string | undefined
  const readPosition = async () =>
    (await pool.query<{ position: string }>('select pg_current_wal_insert_lsn()::text as position')).rows[0]?.position
  return async () => {
    if ((await readPosition()) === positionAtLast) return
    await pool.query('checkpoint')
    positionAtLast = await readPosition()
  }
}
