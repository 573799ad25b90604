import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import type { StorageSettings } from '../src/config/settings.ts'
import { connectionSettings } from '../src/directory/connection.ts'
import { replayPage } from '../src/replay/replay-page.ts'
import { createInputSeal } from '../src/replay/seal-input.ts'
import { startSum, summaryText } from '../src/replay/summarize.ts'
import { migrateSchema } from '../src/store/migrate-schema.ts'
import { openStorage } from '../src/store/open-storage.ts'
import { createDirectory } from '../src/store/postgres-directory.ts'
import { startPostgres } from '../test/support/postgres-server.ts'
import { openCompany } from './replay/company.ts'
import { keepEverybody } from './replay/keep-everybody.ts'
import { databaseCpuBetween, readDatabaseCpu } from './sign-in/database-cpu.ts'

/**
 * A replay of 100,000 people: opened, mapped and planned under the configuration in force and under a draft, on their
 * accounts as they stand. And what keeping an input costs a sign-in.
 */
const people = 100_000
const pageSize = 1000
const wantedSeconds = 60

export async function runReplay(): Promise<void> {
  console.log(`replay: ${people.toLocaleString('en-US')} people, 10 attributes and 5 groups each`)
  const postgres = await startPostgres()
  const dataDirectory = mkdtempSync(join(tmpdir(), 'latchkey-bench-'))
  try {
    await replayOn('PostgreSQL', { kind: 'postgres', url: postgres.url, poolSize: 4 })
    await replayOn('embedded', { kind: 'embedded', dataDirectory })
  } finally {
    await postgres.stop()
    rmSync(dataDirectory, { recursive: true, force: true })
  }
}

/** CPU from now on, of this process and, where it is another, of the database. */
async function startCpu(settings: StorageSettings): Promise<() => Promise<string>> {
  const before = process.cpuUsage()
  const own = () => {
    const { user, system } = process.cpuUsage(before)
    return `${((user + system) / 1e6).toFixed(1)} s of this process`
  }
  if (settings.kind === 'embedded') return async () => `${own()}, the database in it`
  const client = new Client({ connectionString: settings.url })
  await client.connect()
  const read = await readDatabaseCpu(client)
  return async () => {
    const seconds = databaseCpuBetween(read, await readDatabaseCpu(client)) / 1e6
    await client.end()
    return `${own()}, ${seconds.toFixed(1)} s of the database`
  }
}

async function replayOn(name: string, settings: StorageSettings): Promise<void> {
  const storage = await openStorage(settings, { report: () => undefined })
  try {
    await migrateSchema(storage.pool)
    const directory = createDirectory(storage.pool)
    const stored = await openCompany(storage.pool, directory, people)
    const inputSeal = createInputSeal(Buffer.alloc(32, 1), randomBytes)
    const { microsecondsEach } = await keepEverybody({ directory, inputSeal, connection: stored, people })
    console.log(
      `  ${name}: keeping an input takes ${microsecondsEach.toFixed(1)} µs of this process (CPU), sealed and sent`,
    )
    const drafted = {
      ...stored,
      settings: connectionSettings.parse({ ...stored.settings, grantableRoles: ['employee'] }),
    }
    const deps = { directory, inputSeal, now: () => new Date(), newId: () => '00000000-0000-7000-8000-000000000000' }
    const used = await startCpu(settings)
    const begun = performance.now()
    const sum = startSum()
    for (let after: string | undefined, isLast = false; !isLast; ) {
      const page = await replayPage({ stored, drafted, limit: pageSize, ...(after && { after }) }, deps)
      sum.add(page)
      after = page.next
      isLast = after === undefined
    }
    const seconds = (performance.now() - begun) / 1000
    console.log(`  ${name}: CPU ${await used()}`)
    console.log(`  ${name}: ${summaryText(sum.summary())}`)
    const verdict = seconds <= wantedSeconds ? 'reached' : 'NOT reached'
    console.log(`  ${name}: ${seconds.toFixed(1)} s (wanted: at most ${wantedSeconds}): ${verdict}`)
  } finally {
    await storage.close()
  }
}
