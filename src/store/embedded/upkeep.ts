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
  const onFailed = (message: string) => (error: unknown) => report({ level: 'warn', message, error })
  const jobs = [
    repeat(
      checkpointMilliseconds,
      checkpointWhenWritten(pool),
      onFailed('the embedded database could not make a checkpoint'),
    ),
    repeat(
      vacuumMilliseconds,
      () => pool.query('vacuum analyze'),
      onFailed('the embedded database could not be vacuumed'),
    ),
  ]
  return () => {
    for (const stop of jobs) stop()
  }
}

/** The interval counts from the end of the work: on a slow disk runs never queue up before the one connection there is. */
function repeat(milliseconds: number, work: () => Promise<unknown>, onFailed: (error: unknown) => void): () => void {
  let timer: NodeJS.Timeout | undefined
  let isStopped = false
  const arm = () => {
    if (!isStopped) timer = setTimeout(() => void work().catch(onFailed).finally(arm), milliseconds).unref()
  }
  arm()
  return () => {
    isStopped = true
    clearTimeout(timer)
  }
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
