import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { StorageSettings } from '../../src/config/settings.ts'
import { startPostgres } from '../../test/support/postgres-server.ts'
import { databaseCpuBetween, readDatabaseCpu } from '../sign-in/database-cpu.ts'
import type { RowCounts } from '../sign-in/server-process.ts'
import { type BenchServer, startServer } from '../sign-in/start-server.ts'

/** Servers on one database, and what they and it have used. */
export interface Nodes {
  readonly name: string
  readonly ports: readonly number[]
  rows(): Promise<RowCounts>
  /** Ends one reading and begins the next: CPU microseconds since the reading before, the database's among them. */
  cpuMicroseconds(): Promise<number>
  peakMegabytes(): Promise<readonly number[]>
  stop(): Promise<void>
}

export async function startEmbedded(metadata: string): Promise<Nodes> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-storm-'))
  const nodes = await startNodes('embedded, one node', 1, { kind: 'embedded', dataDirectory }, { metadata })
  return {
    ...nodes,
    async stop() {
      await nodes.stop()
      rmSync(dataDirectory, { recursive: true, force: true })
    },
  }
}

export interface PostgresForStorms {
  readonly version: string
  readonly client: Client
  /** A database of its own for each name. */
  createDatabase(name: string): Promise<string>
  stop(): Promise<void>
}

/** A server whose commits reach the disk. */
export async function startPostgresForStorms(): Promise<PostgresForStorms> {
  const server = await startPostgres({ durable: true })
  const client = new Client({ connectionString: server.url })
  await client.connect()
  const { rows } = await client.query<{ server_version: string }>('show server_version')
  return {
    version: rows[0]?.server_version ?? '',
    client,
    async createDatabase(name) {
      await client.query(`create database ${name}`)
      const url = new URL(server.url)
      url.pathname = `/${name}`
      return url.href
    },
    async stop() {
      await client.end()
      await server.stop()
    },
  }
}

export async function startServed(
  { version, client, createDatabase }: PostgresForStorms,
  count: number,
  metadata: string,
): Promise<Nodes> {
  const url = await createDatabase(`storm_${count}`)
  const name = `PostgreSQL ${version}, ${count === 1 ? 'one node' : `${count} nodes`}`
  return startNodes(name, count, { kind: 'postgres', url, poolSize: 10 }, { metadata, postgres: client })
}

interface NodeParts {
  readonly metadata: string
  readonly postgres?: Client
}

export async function startNodes(
  name: string,
  count: number,
  storage: StorageSettings,
  { metadata, postgres }: NodeParts,
): Promise<Nodes> {
  const servers: BenchServer[] = []
  for (let node = 0; node < count; node++) servers.push(await startServer({ storage, metadata, verifier: 'latchkey' }))
  const read = async () => ({
    servers: (await Promise.all(servers.map((server) => server.ask('usage')))).reduce(
      (sum, { cpuMicroseconds }) => sum + cpuMicroseconds,
      0,
    ),
    database: postgres === undefined ? undefined : await readDatabaseCpu(postgres),
  })
  let last = await read()
  return {
    name,
    ports: servers.map(({ port }) => port),
    async rows() {
      const [first] = servers
      if (first === undefined) throw new Error('there is no node')
      return first.ask('rows')
    },
    async cpuMicroseconds() {
      const before = last
      last = await read()
      const database = postgres === undefined ? 0 : databaseCpuBetween(before.database, last.database)
      return last.servers - before.servers + database
    },
    peakMegabytes: async () =>
      (await Promise.all(servers.map((server) => server.ask('usage')))).map(({ peakMegabytes }) => peakMegabytes),
    async stop() {
      for (const server of servers) await server.stop()
    },
  }
}
