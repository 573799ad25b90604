import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { StoragePool } from '../../src/store/storage-pool.ts'
import { openTestDatabase } from '../support/databases.ts'
import { newConnection, newEvent, newOrganization, newPerson, queryFor, writesFor } from './samples.ts'

const unavailable = { code: 'storage_unavailable' }

test('without a server every act is refused with storage_unavailable', async () => {
  const directory = createDirectory(new StoragePool({ host: '127.0.0.1', port: 1 }, () => undefined))
  const connection = newConnection('company')
  await assert.rejects(directory.checkStorage(), unavailable)
  await assert.rejects(directory.listConnections(), unavailable)
  await assert.rejects(directory.readSignInState(queryFor(connection, newPerson())), unavailable)
  await assert.rejects(directory.applySignIn(writesFor(connection, newPerson())), unavailable)
  await assert.rejects(
    directory.transaction(async () => 'never'),
    unavailable,
  )
  await directory.close()
  await directory.close()
})

test('a connection lost in the middle of a transaction undoes it, and the next act has another', async (t) => {
  const { pool } = await openTestDatabase('served', t)
  await migrateSchema(pool)
  const directory = createDirectory(pool)
  const organization = newOrganization()
  const cutOff = directory.transaction(async (inside) => {
    await inside.createOrganization(organization, newEvent())
    await pool.query(`
      select pg_terminate_backend(pid)
      from pg_stat_activity
      where datname = current_database()
        and state like 'idle in transaction%'`)
    return inside.listOrganizations()
  })
  await assert.rejects(cutOff, unavailable)
  assert.deepEqual(await directory.listOrganizations(), [])
  await directory.createOrganization(organization, newEvent())
  await directory.checkStorage()
})

test('a transaction whose statement failed is never taken for committed', async (t) => {
  const { pool } = await openTestDatabase('served', t)
  await migrateSchema(pool)
  const directory = createDirectory(pool)
  const organization = newOrganization()
  const act = directory.transaction(async (inside) => {
    await inside.createOrganization(organization, newEvent())
    // Not a refusal that rows decide: the statement itself fails.
    await inside.updateOrganization({ ...organization, name: '\u0000' }, newEvent()).catch(() => undefined)
  })
  await assert.rejects(act, { code: 'internal' })
  assert.deepEqual(await directory.listOrganizations(), [])
})

test('migrateSchema() refuses a database that is not in UTF8', async (t) => {
  const { pool, settings } = await openTestDatabase('served', t)
  assert.ok(settings.kind === 'postgres')
  const name = `${new URL(settings.url).pathname.slice(1)}_ascii`
  await pool.query(`create database ${name} encoding 'SQL_ASCII' locale_provider libc locale 'C' template template0`)
  const url = new URL(settings.url)
  url.pathname = `/${name}`
  const ascii = new StoragePool({ connectionString: url.href }, () => undefined)
  try {
    await assert.rejects(migrateSchema(ascii), { code: 'storage_version_unsupported' })
    const { rows } = await ascii.query(`select from information_schema.tables where table_schema = 'public'`)
    assert.equal(rows.length, 0)
  } finally {
    await ascii.end()
    await pool.query(`drop database ${name} with (force)`)
  }
})
