import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import type { Pool } from 'pg'
import { packageRoot } from '../../../src/package-root.ts'
import { migrateSchema, readMigrations } from '../../../src/store/migrate-schema.ts'
import type { Bench } from '../conformance.ts'

const schemaFile = new URL('test/store/schema.txt', packageRoot)

/** Tables, columns, constraints, indexes and functions, one a line. */
async function describeSchema(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ line: string }>(`
    select line
    from (
      select
        'table ' || table_name || '.' || column_name || ' ' || data_type
          || case is_nullable when 'NO' then ' not null' else '' end as line
      from information_schema.columns
      where table_schema = current_schema()
      union all
      select 'constraint ' || conrelid::regclass || ' ' || conname || ': ' || pg_get_constraintdef(oid)
      from pg_constraint
      where connamespace = current_schema()::regnamespace
        and contype <> 'n'
      union all
      select 'index ' || regexp_replace(indexdef, '^CREATE ', '')
      from pg_indexes
      where schemaname = current_schema()
      union all
      select 'function ' || oid::regprocedure
      from pg_proc
      where pronamespace = current_schema()::regnamespace
    ) as lines
    order by line collate "C"`)
  return rows.map(({ line }) => `${line}\n`).join('')
}

export function schemaCases(bench: () => Bench): void {
  test('the migrations make the schema in test/store/schema.txt (UPDATE_SCHEMA=1 writes it)', async () => {
    const described = await describeSchema(bench().pool)
    if (process.env.UPDATE_SCHEMA === '1') writeFileSync(schemaFile, described)
    assert.equal(described, readFileSync(schemaFile, 'utf8'))
  })

  test('migrating again applies nothing, and several nodes may do so at once', async () => {
    const { pool } = bench()
    const outcomes = await Promise.all(Array.from({ length: 4 }, () => migrateSchema(pool)))
    assert.deepEqual(outcomes, Array(4).fill({ applied: [] }))
  })

  test('a migration that was applied and has changed is refused', async () => {
    const [first, ...rest] = await readMigrations()
    assert.ok(first)
    await assert.rejects(migrateSchema(bench().pool, [{ ...first, checksum: 'other' }, ...rest]), {
      code: 'storage_schema_changed',
    })
  })

  test('a schema newer than the files is refused', async () => {
    const migrations = await readMigrations()
    await assert.rejects(migrateSchema(bench().pool, migrations.slice(0, -1)), { code: 'storage_version_unsupported' })
  })

  test('of several pending migrations all are applied or none', async () => {
    const { pool, countRows } = bench()
    const migrations = await readMigrations()
    const before = await countRows()
    const good = { name: '9998_good', sql: 'create table extra (id text)', checksum: 'a' }
    const bad = { name: '9999_bad', sql: 'create table extra_too (id text); select 1 / 0', checksum: 'b' }
    await assert.rejects(migrateSchema(pool, [...migrations, good, bad]), { code: '22012' })
    assert.deepEqual(await countRows(), before)
  })
}
