import { execFileSync } from 'node:child_process'
import { readFileSync, statSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'

/** Who says to have a data directory: the content of its `lock.json`. */
const lockHolder = z.object({
  pid: z.int().positive(),
  host: z.string(),
  /** When the process began, in the operating system's own words: tells it from a later one with the same number. */
  processStart: z.string(),
  since: z.iso.datetime(),
  nonce: z.string(),
})
export type LockHolder = z.infer<typeof lockHolder>

/** A holder that cannot be asked, being on another host, is believed to live for this long after its last heartbeat. */
const holderSilenceSeconds = 30

/** `undefined` when nobody says so, or the file is not ours. */
export function readLockHolder(dataDirectory: string): LockHolder | undefined {
  try {
    return lockHolder.parse(JSON.parse(readFileSync(join(dataDirectory, 'lock.json'), 'utf8')))
  } catch {
    return undefined
  }
}

/** Whether the holder still has the directory. Here, with the lock of the kernel in our hands, a holder of this host has not. */
export function isHolding(holder: LockHolder, dataDirectory: string, haveKernelLock: boolean): boolean {
  if (holder.host !== hostname()) return secondsSinceHeartbeat(dataDirectory) < holderSilenceSeconds
  if (haveKernelLock) return false
  const start = startOfProcess(holder.pid)
  return start !== undefined && start === holder.processStart
}

export function describeHolder(holder: LockHolder | undefined): string {
  if (holder === undefined) return 'another process'
  return `process ${holder.pid} on ${holder.host}, since ${holder.since}`
}

/** When a process of this host began; empty where the system does not tell, `undefined` when there is no such process. */
export function startOfProcess(pid: number): string | undefined {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined
  }
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[19]
    if (process.platform === 'win32') return ''
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim()
  } catch {
    return ''
  }
}

function secondsSinceHeartbeat(dataDirectory: string): number {
  return (Date.now() - statSync(join(dataDirectory, 'lock.json')).mtimeMs) / 1000
}
