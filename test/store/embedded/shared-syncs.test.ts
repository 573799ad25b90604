import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrateSchema } from '../../../src/store/migrate-schema.ts'
import { createDirectory } from '../../../src/store/postgres-directory.ts'
import { openTestDatabase } from '../../support/databases.ts'
import { newConnection, newEvent, newOrganization, newPerson, writesFor } from '../samples.ts'

test('sign-ins that come together are on the disk when they are acknowledged, with fewer syncs than sign-ins', async (t) => {
  const { pool } = await openTestDatabase('embedded', t)
  await migrateSchema(pool)
  const directory = createDirectory(pool)
  const organization = newOrganization()
  const connection = newConnection(organization.id)
  await directory.createOrganization(organization, newEvent())
  await directory.createConnection(connection, newEvent())

  const syncsBefore = await countSyncs()
  const signIns = 40
  await Promise.all(
    Array.from({ length: signIns }, async () => {
      const writes = writesFor(connection, newPerson())
      assert.equal(await directory.applySignIn(writes), 'applied')
    }),
  )
  const { rows: log } = await pool.query('select pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn() as unsynced')
  assert.deepEqual(log, [{ unsynced: '0' }])
  const syncs = (await countSyncs()) - syncsBefore
  assert.ok(syncs > 0 && syncs < signIns / 4, `${syncs} syncs for ${signIns} sign-ins`)
  const { rows: sessions } = await pool.query('select count(*)::int as count from session')
  assert.deepEqual(sessions, [{ count: signIns }])

  async function countSyncs(): Promise<number> {
    await pool.query('select pg_stat_force_next_flush()')
    const { rows } = await pool.query("select sum(fsyncs)::int as syncs from pg_stat_io where object = 'wal'")
    return rows[0].syncs
  }
})
