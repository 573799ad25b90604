import { spawnSync } from 'node:child_process'

/** Keeps this process and those it starts to one processor core, where the system can; says in words which. */
export function stayOnOneCore(): string {
  const asked = spawnSync('taskset', ['-cp', String(process.pid)], { encoding: 'utf8' })
  const core = /(\d+)\s*$/.exec(asked.stdout ?? '')?.[1]
  if (asked.status !== 0 || core === undefined) return 'on whatever core the system chooses (no taskset)'
  const pinned = spawnSync('taskset', ['-acp', core, String(process.pid)], { encoding: 'utf8' })
  return pinned.status === 0 ? `all on core ${core}` : 'on whatever core the system chooses (taskset failed)'
}
