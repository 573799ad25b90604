import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { setTimeout as wait } from 'node:timers/promises'
import type { Pool } from 'pg'
import type { StorageSettings } from '../../../src/config/settings.ts'
import { migrateSchema } from '../../../src/store/migrate-schema.ts'
import { openStorage } from '../../../src/store/open-storage.ts'
import { createDirectory } from '../../../src/store/postgres-directory.ts'
import { createTestDatabase } from '../../support/databases.ts'
import { startPostgres } from '../../support/postgres-server.ts'
import { newConnection, newEvent, newOrganization } from '../samples.ts'
import { expectWhole } from './expect-whole.ts'
import type { Acknowledged } from './sign-in-storm.ts'
import { StormProcess } from './storm-process.ts'

/**
 * What was acknowledged to a browser is there after a crash, whole; what was not is there whole or not at all. The
 * process, and the server, are killed in the middle of a storm of sign-ins.
 */
const kills = 10
const serverKills = 3

async function withStorage<T>(settings: StorageSettings, work: (pool: Pool) => Promise<T>): Promise<T> {
  const storage = await openStorage(settings, { report: () => undefined })
  return work(storage.pool).finally(() => storage.close())
}

/** Gives the id of the connection over which people sign in. */
function prepare(settings: StorageSettings): Promise<string> {
  return withStorage(settings, async (pool) => {
    await migrateSchema(pool)
    const directory = createDirectory(pool)
    const organization = newOrganization()
    const connection = newConnection(organization.id)
    await directory.createOrganization(organization, newEvent())
    await directory.createConnection(connection, newEvent())
    return connection.id
  })
}

async function killStorm(settings: StorageSettings, connectionId: string): Promise<readonly Acknowledged[]> {
  const storm = new StormProcess(settings, connectionId)
  await storm.untilAcknowledged(20)
  await wait(Math.random() * 100) // anywhere in the middle of what it does
  await storm.kill()
  return storm.acknowledged
}

for (const kind of ['embedded', 'served'] as const) {
  test(`no acknowledged sign-in is lost, and none is half-made, when the process is killed ${kills} times (${kind})`, async (t) => {
    const { settings, remove } = await createTestDatabase(kind)
    t.after(remove)
    const connectionId = await prepare(settings)
    const acknowledged: Acknowledged[] = []
    for (let kill = 1; kill <= kills; kill += 1) {
      acknowledged.push(...(await killStorm(settings, connectionId))) // the next one opens what this one left
    }
    await withStorage(settings, (pool) => expectWhole(pool, acknowledged))
    t.diagnostic(`${acknowledged.length} acknowledged sign-ins were found whole`)
  })
}

async function ownServer(t: TestContext) {
  const server = await startPostgres()
  t.after(() => server.stop())
  return { server, settings: { kind: 'postgres', url: server.url, poolSize: 10 } as const }
}

test(`nor when the server is killed ${serverKills} times, and the same process goes on when the server is back`, async (t) => {
  const { server, settings } = await ownServer(t)
  const storm = new StormProcess(settings, await prepare(settings))
  t.after(() => storm.kill())
  for (let kill = 1; kill <= serverKills; kill += 1) {
    await storm.untilAcknowledged(storm.acknowledged.length + 20)
    await server.crashAndRestart()
  }
  await storm.untilAcknowledged(storm.acknowledged.length + 20)
  await storm.kill()
  await withStorage(settings, (pool) => expectWhole(pool, storm.acknowledged))
  assert.ok(storm.acknowledged.length >= (serverKills + 1) * 20)
})
