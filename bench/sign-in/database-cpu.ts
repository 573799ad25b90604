import { readFileSync } from 'node:fs'
import type { Client } from 'pg'

/**
 * CPU microseconds that the processes of a PostgreSQL server on this machine have used, by process id; `undefined` where
 * the system does not say (only Linux does). The files are those of proc(5): the first number counts nanoseconds.
 */
export async function readDatabaseCpu(client: Client): Promise<ReadonlyMap<number, number> | undefined> {
  const { rows } = await client.query<{ pid: number }>('select pid from pg_stat_activity where pid <> pg_backend_pid()')
  try {
    return new Map(
      rows.map(({ pid }) => [pid, Number.parseInt(readFileSync(`/proc/${pid}/schedstat`, 'utf8'), 10) / 1000]),
    )
  } catch {
    return undefined
  }
}

/** What was used between two readings; a process that ended in between is left out. */
export function databaseCpuBetween(
  before: ReadonlyMap<number, number> | undefined,
  after: ReadonlyMap<number, number> | undefined,
): number {
  if (before === undefined || after === undefined) return Number.NaN
  return [...after].reduce((sum, [pid, microseconds]) => sum + microseconds - (before.get(pid) ?? 0), 0)
}
