import { createHash, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { LatchkeyError } from '../../errors.ts'
import { describeHolder, isHolding, type LockHolder, readLockHolder, startOfProcess } from './lock-holder.ts'

/**
 * One process at a time has a data directory: two would destroy each other's rows without an error.
 *
 * On Linux an abstract socket named after the directory decides: the kernel gives it to one process and takes it back
 * when that process ends, however it ends. A file in the directory says who has it, and decides where that socket does
 * not reach: on other systems, and between containers or machines that share the directory. Decision 0041.
 */
export interface DirectoryLock {
  release(): Promise<void>
}

/** How often the holder's file is touched. A holder on another machine counts as gone after `holderSilenceSeconds`. */
const heartbeatMilliseconds = 5_000

/** Throws `data_directory_locked`. */
export async function lockDataDirectory(dataDirectory: string): Promise<DirectoryLock> {
  const socket = process.platform === 'linux' ? await listenOn(dataDirectory) : undefined
  try {
    const present = readLockHolder(dataDirectory)
    if (present !== undefined && isHolding(present, dataDirectory, socket !== undefined)) throw locked(dataDirectory)
    return hold(dataDirectory, socket)
  } catch (error) {
    socket?.close()
    throw error
  }
}

function hold(dataDirectory: string, socket: Server | undefined): DirectoryLock {
  const path = join(dataDirectory, 'lock.json')
  const holder: LockHolder = {
    pid: process.pid,
    host: hostname(),
    processStart: startOfProcess(process.pid) ?? '',
    since: new Date().toISOString(),
    nonce: randomUUID(),
  }
  writeFileSync(`${path}.new`, `${JSON.stringify(holder)}\n`, { mode: 0o600 })
  renameSync(`${path}.new`, path)
  const heartbeat = setInterval(() => touch(path), heartbeatMilliseconds).unref()
  return {
    async release() {
      clearInterval(heartbeat)
      if (readLockHolder(dataDirectory)?.nonce === holder.nonce) rmSync(path, { force: true })
      socket?.close()
    },
  }
}

function touch(path: string): void {
  try {
    utimesSync(path, new Date(), new Date())
  } catch {
    // The directory went away under us: the database will say so with its next write.
  }
}

async function listenOn(dataDirectory: string): Promise<Server> {
  const { dev, ino } = statSync(dataDirectory, { bigint: true })
  const name = createHash('sha256').update(`${dev}:${ino}`).digest('hex')
  const server = createServer((connection) => connection.destroy()).unref()
  server.listen(`\0latchkey-${name}`)
  await once(server, 'listening').catch((error: unknown) => {
    throw (error as NodeJS.ErrnoException).code === 'EADDRINUSE' ? locked(dataDirectory) : error
  })
  return server
}

function locked(dataDirectory: string): LatchkeyError {
  return new LatchkeyError('data_directory_locked', {
    check: 'lock',
    arrived: describeHolder(readLockHolder(dataDirectory)),
    at: dataDirectory,
    advice:
      'Commands of latchkey speak to the running server by themselves. A second server needs a data directory of its own.',
  })
}
