import { randomBytes } from 'node:crypto'
import { constants, cpSync, existsSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { Client, type Pool } from 'pg'
import type { StorageSettings } from '../../src/config/settings.ts'
import { databaseDirectoryIn } from '../../src/store/embedded/data-directory.ts'
import { createDatabase } from '../../src/store/embedded/open-embedded-storage.ts'
import { openStorage } from '../../src/store/open-storage.ts'
import { makeTemporaryFolder, removeTemporaryFolder } from './temporary-folder.ts'

/**
 * Fresh, empty databases of both kinds for tests. `npm test` brings the server and says where it is in
 * TEST_DATABASE_URL; for a single file: `node tools/with-postgres.mjs node --test dist/test/store/….test.js`.
 */
export type DatabaseKind = 'embedded' | 'served'

export interface TestDatabase {
  readonly kind: DatabaseKind
  /** For a test that opens the storage itself, several times perhaps. */
  readonly settings: StorageSettings
  remove(): Promise<void>
}

export interface OpenTestDatabase extends TestDatabase {
  readonly pool: Pool
}

/** What `node:test` hands to a test: runs a function when the test has ended. */
interface Cleanup {
  after(work: () => Promise<void>): void
}

/**
 * Calls `define` once for each kind of database. `open` gives a fresh one, closed and removed when the test has ended.
 *
 *     forEachDatabase((kind, open) => {
 *       test(`createOrganization() refuses a second one of the same name (${kind})`, async (t) => {
 *         const { pool } = await open(t)
 */
export function forEachDatabase(
  define: (kind: DatabaseKind, open: (test: Cleanup) => Promise<OpenTestDatabase>) => void,
): void {
  for (const kind of ['embedded', 'served'] as const) define(kind, (test) => openTestDatabase(kind, test))
}

export async function openTestDatabase(kind: DatabaseKind, test: Cleanup): Promise<OpenTestDatabase> {
  const database = await createTestDatabase(kind)
  const notices: unknown[] = []
  const storage = await openStorage(database.settings, { report: (notice) => notices.push(notice) })
  test.after(async () => {
    await storage.close()
    await database.remove()
  })
  return { ...database, pool: storage.pool }
}

/** A fresh, empty database that nobody has open. */
export async function createTestDatabase(kind: DatabaseKind): Promise<TestDatabase> {
  return kind === 'embedded' ? createEmbedded() : createServed()
}

async function createEmbedded(): Promise<TestDatabase> {
  const dataDirectory = makeTemporaryFolder('test')
  const mode = constants.COPYFILE_FICLONE
  cpSync(await templateDirectory(), databaseDirectoryIn(dataDirectory), { recursive: true, mode })
  return {
    kind: 'embedded',
    settings: { kind: 'embedded', dataDirectory },
    remove: async () => removeTemporaryFolder(dataDirectory),
  }
}

let ownTemplate: Promise<string> | undefined

/** An empty database to copy, because making one takes seconds: made by `npm test`, or here once in a process. */
function templateDirectory(): Promise<string> {
  const given = process.env.TEST_DATABASE_TEMPLATE
  if (given !== undefined && existsSync(given)) return Promise.resolve(given)
  ownTemplate ??= createTemplate().then((template) => {
    process.once('exit', () => removeTemporaryFolder(dirname(template)))
    return template
  })
  return ownTemplate
}

/** Makes the database that every embedded test database is a copy of. */
export async function createTemplate(): Promise<string> {
  const template = join(makeTemporaryFolder('template'), 'database')
  mkdirSync(template, { mode: 0o700 })
  await createDatabase(template)
  return template
}

async function createServed(): Promise<TestDatabase> {
  const name = `latchkey_test_${randomBytes(6).toString('hex')}`
  await administer(`create database ${name}`)
  const url = new URL(serverUrl())
  url.pathname = `/${name}`
  return {
    kind: 'served',
    settings: { kind: 'postgres', url: url.href, poolSize: 10 },
    remove: () => administer(`drop database if exists ${name} with (force)`),
  }
}

async function administer(sql: string): Promise<void> {
  const client = new Client({ connectionString: serverUrl() })
  await client.connect()
  try {
    await client.query(sql)
  } finally {
    await client.end()
  }
}

function serverUrl(): string {
  const url = process.env.TEST_DATABASE_URL
  if (url !== undefined && url !== '') return url
  throw new Error(
    'TEST_DATABASE_URL names no PostgreSQL server. `npm test` brings one; so does `node tools/with-postgres.mjs COMMAND`.',
  )
}
