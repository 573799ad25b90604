import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Pool } from 'pg'
import { isLatchkeyError } from '../../src/errors.ts'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { type MovedTable, moveStorage } from '../../src/store/move-storage.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { type DatabaseKind, openTestDatabase } from '../support/databases.ts'
import { newApplication, newConnection, newEvent, newOrganization, newPerson, writesFor } from './samples.ts'

const accounts = 620 // more than one batch

/** Things the schema may come to have: a numbered key, a row that points to another of its table, a computed column. */
const furtherTable = `
  create table further (
    id integer generated always as identity primary key,
    parent_id integer references further deferrable,
    doubled integer generated always as (id * 2) stored,
    at timestamptz default now(),
    bytes bytea,
    words text[],
    share double precision
  )`

async function openMigrated(kind: DatabaseKind, t: TestContext): Promise<Pool> {
  const { pool } = await openTestDatabase(kind, t)
  await migrateSchema(pool)
  await pool.query(furtherTable)
  return pool
}

async function fill(pool: Pool) {
  const directory = createDirectory(pool)
  const organization = newOrganization()
  const connection = newConnection(organization.id)
  await directory.createOrganization(organization, newEvent())
  await directory.createConnection(connection, newEvent())
  await directory.saveApplication(newApplication(), newEvent())
  const people = Array.from({ length: accounts }, newPerson)
  for (const person of people) {
    assert.equal(await directory.applySignIn(writesFor(connection, person)), 'applied')
  }
  await pool.query(`
    insert into further (parent_id, bytes, words, share)
    select 11 - n, decode('00ff', 'hex'), array['a, "b"', null], 0.1 + n
    from generate_series(1, 10) n`)
  return { organization, people }
}

async function countAll(pool: Pool, tables: readonly string[]): Promise<number> {
  const counts = await Promise.all(tables.map((table) => pool.query(`select count(*)::int as rows from ${table}`)))
  return counts.reduce((sum, { rows }) => sum + rows[0].rows, 0)
}

const directions = [
  ['embedded', 'served'],
  ['served', 'embedded'],
] as const
for (const [fromKind, toKind] of directions) {
  test(`moveStorage() moves everything from ${fromKind} to ${toKind}, and what arrives is the same`, async (t) => {
    const from = await openMigrated(fromKind, t)
    const to = await openMigrated(toKind, t)
    const { organization, people } = await fill(from)
    const told: MovedTable[] = []
    const moved = await moveStorage({ from, to, onTable: (table) => told.push(table) })

    assert.deepEqual(told, moved)
    const rowsOf = (name: string) => moved.find(({ table }) => table === name)?.rows
    assert.deepEqual([rowsOf('account'), rowsOf('identity'), rowsOf('session'), rowsOf('further')], [620, 620, 620, 10])
    const [here, there] = [createDirectory(from), createDirectory(to)]
    for (const { username } of [people[0], people[accounts - 1]].filter((person) => person !== undefined)) {
      const account = await here.findAccount(organization.id, username)
      assert.ok(account)
      assert.deepEqual(await there.findAccount(organization.id, username), account)
    }
    const rows = 'select * from further order by id'
    assert.deepEqual((await to.query(rows)).rows, (await from.query(rows)).rows)
    const { rows: next } = await to.query('insert into further default values returning id')
    assert.deepEqual(next, [{ id: 11 }])
  })
}

test('moveStorage() refuses a target that holds anything, and leaves it as it was', async (t) => {
  const from = await openMigrated('embedded', t)
  const to = await openMigrated('served', t)
  await fill(from)
  const there = createDirectory(to)
  await there.createOrganization(newOrganization(), newEvent())
  await assert.rejects(moveStorage({ from, to }), { code: 'storage_not_empty' })
  assert.equal((await there.listOrganizations()).length, 1)
  assert.equal(await countAll(to, ['account', 'connection', 'session']), 0)
})

test('moveStorage() refuses a target with other tables or migrations', async (t) => {
  const from = await openMigrated('embedded', t)
  const { pool: empty } = await openTestDatabase('served', t)
  await assert.rejects(moveStorage({ from, to: empty }), { code: 'storage_version_unsupported' })
  const other = await openMigrated('served', t)
  await other.query("update schema_migration set checksum = 'another'")
  await assert.rejects(moveStorage({ from, to: other }), { code: 'storage_version_unsupported' })
  await other.query('alter table further add column more text')
  await assert.rejects(moveStorage({ from, to: other }), { code: 'storage_version_unsupported' })
})

test('moveStorage() refuses a copy that is not equal to its source, and nothing is left of it', async (t) => {
  const from = await openMigrated('embedded', t)
  const to = await openMigrated('served', t)
  await fill(from)
  await to.query(`
    create function alter_one() returns trigger language plpgsql as $$
    begin
      if new.id = 7 then new.share := new.share + 1e-9; end if;
      return new;
    end $$`)
  await to.query('create trigger alter_one before insert on further for each row execute function alter_one()')
  const refusal = await moveStorage({ from, to }).catch((error: unknown) => error)
  assert.ok(isLatchkeyError(refusal, 'storage_mismatch'))
  assert.equal(refusal.detail.at, 'further')
  await to.query('drop trigger alter_one on further')
  await to.query(`
    create function drop_one() returns trigger language plpgsql as $$
    begin
      return case when new.id = 7 then null else new end;
    end $$`)
  await to.query('create trigger drop_one before insert on further for each row execute function drop_one()')
  await assert.rejects(moveStorage({ from, to }), { code: 'storage_mismatch' })
  assert.equal(await countAll(to, ['organization', 'account', 'session', 'further']), 0)
})
