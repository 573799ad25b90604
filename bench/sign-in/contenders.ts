import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { startPostgres } from '../../test/support/postgres-server.ts'
import { type BenchServer, type BenchServerOptions, startServer } from './start-server.ts'

/** The four servers that take turns, each with a database of its own. */
export interface Contender {
  readonly name: string
  readonly verifier: BenchServerOptions['verifier']
  readonly database: 'PostgreSQL' | 'embedded'
  readonly server: BenchServer
}

export interface Contenders {
  readonly all: readonly Contender[]
  /** On the PostgreSQL server, to ask which its processes are. */
  readonly postgres: Client
  readonly postgresVersion: string
  stop(): Promise<void>
}

/** Starts a PostgreSQL server whose commits reach the disk, and the contenders. */
export async function startContenders(metadata: string): Promise<Contenders> {
  const closers: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    const postgresServer = await startPostgres({ durable: true })
    closers.push(() => postgresServer.stop())
    const postgres = new Client({ connectionString: postgresServer.url })
    await postgres.connect()
    closers.push(() => postgres.end())

    const all: Contender[] = []
    for (const database of ['PostgreSQL', 'embedded'] as const) {
      for (const verifier of ['latchkey', 'node-saml'] as const) {
        const storage =
          database === 'PostgreSQL' ? await servedStorage(postgres, postgresServer.url, verifier) : embedded(closers)
        const server = await startServer({ storage, metadata, verifier })
        closers.push(() => server.stop())
        all.push({ name: `${verifier}, ${database}`, verifier, database, server })
      }
    }
    const { rows } = await postgres.query<{ server_version: string }>('show server_version')
    return { all, postgres, postgresVersion: rows[0]?.server_version ?? '', stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function servedStorage(postgres: Client, serverUrl: string, verifier: Contender['verifier']) {
  const name = `bench_${verifier.replace('-', '_')}`
  await postgres.query(`create database ${name}`)
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  return { kind: 'postgres', url: url.href, poolSize: 10 } as const
}

function embedded(closers: (() => Promise<void>)[]) {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  closers.push(async () => rmSync(dataDirectory, { recursive: true, force: true }))
  return { kind: 'embedded', dataDirectory } as const
}
