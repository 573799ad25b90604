import assert from 'node:assert/strict'
import { chmodSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { embeddedMajorVersion } from '../../../src/store/embedded/data-directory.ts'
import { openEmbeddedStorage } from '../../../src/store/embedded/open-embedded-storage.ts'
import { openStorage } from '../../../src/store/open-storage.ts'
import type { StorageNotice } from '../../../src/store/storage.ts'
import { createTestDatabase } from '../../support/databases.ts'
import { makeTemporaryFolder } from '../../support/temporary-folder.ts'
import { until } from '../../support/until.ts'

const quiet = { report: () => undefined }

async function dataDirectoryOf(t: TestContext): Promise<string> {
  const { settings, remove } = await createTestDatabase('embedded')
  t.after(remove)
  assert.equal(settings.kind, 'embedded')
  return settings.dataDirectory
}

test('the first start makes a whole database that only its owner may read, whatever an interrupted one left', async (t) => {
  const parent = makeTemporaryFolder('first')
  t.after(() => rmSync(parent, { recursive: true, force: true }))
  const dataDirectory = join(parent, 'deep', 'data')
  mkdirSync(join(dataDirectory, 'database.new'), { recursive: true, mode: 0o700 })
  writeFileSync(join(dataDirectory, 'database.new', 'PG_VERSION'), 'half')
  const storage = await openEmbeddedStorage({ dataDirectory }, quiet)
  const { rows } = await storage.pool.query("select current_setting('server_version_num')::int / 10000 as major")
  assert.equal(String(rows[0].major), embeddedMajorVersion)
  await storage.close()
  assert.equal(statSync(join(dataDirectory, 'database')).mode & 0o777, 0o700)
  assert.equal(existsSync(join(dataDirectory, 'database.new')), false)
})

test('a data directory that others may read is used, with a warning', async (t) => {
  const dataDirectory = await dataDirectoryOf(t)
  chmodSync(dataDirectory, 0o755)
  const notices: StorageNotice[] = []
  const storage = await openEmbeddedStorage({ dataDirectory }, { report: (notice) => notices.push(notice) })
  await storage.close()
  assert.deepEqual(
    notices.map(({ level }) => level),
    ['warn'],
  )
})

test('a database of another PostgreSQL is refused with what to do, and let go of', async (t) => {
  const dataDirectory = await dataDirectoryOf(t)
  const versionFile = join(dataDirectory, 'database', 'PG_VERSION')
  writeFileSync(versionFile, '17\n')
  const refusal = { code: 'storage_version_unsupported' }
  await assert.rejects(openEmbeddedStorage({ dataDirectory }, quiet), refusal)
  writeFileSync(versionFile, `${embeddedMajorVersion}\n`)
  await (await openEmbeddedStorage({ dataDirectory }, quiet)).close()
})

test('a damaged database is storage_unavailable, and let go of', async (t) => {
  const dataDirectory = await dataDirectoryOf(t)
  rmSync(join(dataDirectory, 'database', 'global', 'pg_control'))
  await assert.rejects(openEmbeddedStorage({ dataDirectory }, quiet), { code: 'storage_unavailable' })
  await assert.rejects(openEmbeddedStorage({ dataDirectory }, quiet), { code: 'storage_unavailable' })
})

test('when the engine stops, queries are storage_unavailable, it is said aloud, and a new start has what was committed', async (t) => {
  const dataDirectory = await dataDirectoryOf(t)
  const notices: StorageNotice[] = []
  const settings = { kind: 'embedded', dataDirectory } as const
  const storage = await openStorage(settings, { report: (notice) => notices.push(notice) })
  await storage.pool.query('create table note (id integer)')
  await storage.pool.query('insert into note values (1)')
  // The engine cannot wait for more input in the middle of a statement: this ends it, as any fault inside it would.
  await assert.rejects(storage.pool.query('copy note from stdin'), { code: 'storage_unavailable' })
  await assert.rejects(storage.pool.query('select 1'), { code: 'storage_unavailable' })
  await assert.rejects(storage.pool.connect(), { code: 'storage_unavailable' })
  assert.deepEqual(
    notices.map(({ level, message }) => ({ level, message })),
    [{ level: 'error', message: 'the embedded database has stopped' }],
  )
  await storage.close()
  const again = await openStorage(settings, quiet)
  assert.deepEqual((await again.pool.query('select id from note')).rows, [{ id: 1 }])
  await again.close()
})

test('checkpoints follow what was written, and vacuum analyze informs the planner', async (t) => {
  const dataDirectory = await dataDirectoryOf(t)
  const intervals = { checkpointMilliseconds: 20, vacuumMilliseconds: 30 }
  const { pool, close } = await openEmbeddedStorage({ dataDirectory, ...intervals }, quiet)
  const checkpoint = async () =>
    (await pool.query('select redo_lsn::text from pg_control_checkpoint()')).rows[0].redo_lsn
  try {
    const before = await checkpoint()
    await pool.query('create table note as select * from generate_series(1, 1000)')
    await until(async () => (await checkpoint()) !== before)
    await until(async () => {
      const { rows } = await pool.query("select reltuples::int as rows from pg_class where relname = 'note'")
      return rows[0].rows === 1000
    })
  } finally {
    await close()
  }
})

test('a close leaves nothing to recover', async (t) => {
  const dataDirectory = await dataDirectoryOf(t)
  const storage = await openEmbeddedStorage({ dataDirectory }, quiet)
  await storage.pool.query('create table note as select * from generate_series(1, 1000)')
  await storage.close()
  const again = await openEmbeddedStorage({ dataDirectory }, quiet)
  const { rows } = await again.pool.query('select count(*)::int as notes from note')
  assert.deepEqual(rows, [{ notes: 1000 }])
  await again.close()
})
