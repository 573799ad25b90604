import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import type { Pool, PoolClient } from 'pg'
import { LatchkeyError } from '../errors.ts'
import { packageRoot } from '../package-root.ts'
import { checkServer } from './check-server.ts'
import { connect } from './statement.ts'

/**
 * Brings the schema up to date: all migrations that are pending, in one transaction, so a database is never between two
 * versions. Nodes that start at once wait for each other. A migration that was applied never changes: correct it with a
 * further one.
 */

const migrationsDirectory = new URL('src/store/migrations/', packageRoot)
const fileNamePattern = /^(\d{4})_[a-z0-9_]+\.sql$/

export interface Migration {
  /** The file's name without its ending: `0001_create_tables`. */
  readonly name: string
  readonly sql: string
  /** SHA-256 (hex) of the text. */
  readonly checksum: string
}

export interface MigrationOutcome {
  /** Names of the migrations applied now, in order. */
  readonly applied: readonly string[]
}

/** In order of their numbers. Throws `internal` when a name or the numbering is not as it must be. */
export async function readMigrations(directory: URL = migrationsDirectory): Promise<readonly Migration[]> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.sql')).sort()
  return Promise.all(names.map((name, index) => readMigration(directory, name, index + 1)))
}

async function readMigration(directory: URL, fileName: string, number: number): Promise<Migration> {
  if (Number(fileNamePattern.exec(fileName)?.[1]) !== number) {
    throw new LatchkeyError('internal', { check: 'migration', wanted: `number ${number}`, arrived: fileName })
  }
  // A checkout may write line ends in its own way.
  const sql = (await readFile(new URL(fileName, directory), 'utf8')).replaceAll('\r\n', '\n')
  return { name: fileName.replace('.sql', ''), sql, checksum: createHash('sha256').update(sql).digest('hex') }
}

/**
 * Throws `storage_version_unsupported` (PostgreSQL before 15, an encoding other than UTF8, a schema newer than these
 * files), `storage_schema_changed` (a migration that was applied is not the one in the files).
 */
export async function migrateSchema(pool: Pool, migrations?: readonly Migration[]): Promise<MigrationOutcome> {
  const known = migrations ?? (await readMigrations())
  const client = await connect(pool)
  let broken: Error | undefined
  try {
    return await migrate(client, known)
  } catch (error) {
    await client.query('rollback').catch((failure: Error) => {
      broken = failure
    })
    throw error
  } finally {
    client.release(broken)
  }
}

async function migrate(client: PoolClient, known: readonly Migration[]): Promise<MigrationOutcome> {
  await checkServer(client)
  await client.query('begin')
  // A migration of large tables may take longer than any query of a request.
  await client.query('set local statement_timeout = 0')
  await client.query(`select pg_advisory_xact_lock(hashtextextended('latchkey:schema_migration', 0))`)
  await client.query(`
    create table if not exists schema_migration (
      name text collate "C" primary key,
      checksum text not null,
      applied_at timestamptz(3) not null default now()
    )`)
  const pending = await pendingMigrations(client, known)
  for (const migration of pending) await applyMigration(client, migration)
  await client.query('commit')
  return { applied: pending.map(({ name }) => name) }
}

async function pendingMigrations(client: PoolClient, known: readonly Migration[]): Promise<readonly Migration[]> {
  const { rows } = await client.query<{ name: string; checksum: string }>(`
    select name, checksum
    from schema_migration
    order by name`)
  rows.forEach((applied, index) => {
    checkApplied(applied, known[index])
  })
  return known.slice(rows.length)
}

function checkApplied(applied: { readonly name: string; readonly checksum: string }, known?: Migration): void {
  if (!known) {
    throw new LatchkeyError('storage_version_unsupported', {
      check: 'schema',
      arrived: applied.name,
      advice: 'A newer version of Latchkey has changed the tables: start that version or a later one.',
    })
  }
  if (applied.name === known.name && applied.checksum === known.checksum) return
  throw new LatchkeyError('storage_schema_changed', {
    check: 'migration',
    wanted: `${applied.name} with SHA-256 ${applied.checksum}`,
    arrived: `${known.name} with SHA-256 ${known.checksum}`,
    advice: 'Restore the file as it was when it was applied, and make the change in a further migration.',
  })
}

async function applyMigration(client: PoolClient, { name, sql, checksum }: Migration): Promise<void> {
  await client.query(sql)
  await client.query('insert into schema_migration (name, checksum) values ($1, $2)', [name, checksum])
}
