import assert from 'node:assert/strict'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { PGlite } from '@electric-sql/pglite'
import { NodeFS } from '@electric-sql/pglite/nodefs'
import { DurableFileSystem } from '../../../src/store/embedded/durable-file-system.ts'
import { proveDurable } from '../../../src/store/embedded/prove-durable.ts'
import { startParameters } from '../../../src/store/embedded/start-parameters.ts'
import { createTestDatabase } from '../../support/databases.ts'

async function databaseDirectory(t: TestContext): Promise<string> {
  const { settings, remove } = await createTestDatabase('embedded')
  t.after(remove)
  assert.equal(settings.kind, 'embedded')
  return join(settings.dataDirectory, 'database')
}

function unexpectedAbort(reason: string): never {
  throw new Error(reason)
}

test('every commit brings the log to the disk', async (t) => {
  const fs = new DurableFileSystem(await databaseDirectory(t), { onAbort: unexpectedAbort })
  const database = await PGlite.create({ fs, startParams: startParameters })
  await database.exec('create table note (id integer)')
  for (let id = 0; id < 10; id += 1) {
    const before = fs.syncs
    await database.query('insert into note values ($1)', [id])
    assert.ok(fs.syncs > before, `commit ${id} reached no disk`)
  }
  await proveDurable({ execute: (sql) => database.exec(sql), syncs: () => fs.syncs })
  await database.close()
})

test("PGlite's own file system is refused, because it never syncs", async (t) => {
  const fs = new NodeFS(await databaseDirectory(t))
  const database = await PGlite.create({ fs, startParams: startParameters })
  // Counted where DurableFileSystem counts: the driver of this one has no fsync at all.
  const syncs = () => ('fsync' in nodeDriverOf(database).stream_ops ? 1 : 0)
  await assert.rejects(proveDurable({ execute: (sql) => database.exec(sql), syncs }), { code: 'storage_not_durable' })
  await database.close()
})

test('our file system is refused when the engine was told not to sync', async (t) => {
  const fs = new DurableFileSystem(await databaseDirectory(t), { onAbort: unexpectedAbort })
  const database = await PGlite.create({ fs, startParams: PGlite.defaultStartParams })
  const proof = proveDurable({ execute: (sql) => database.exec(sql), syncs: () => fs.syncs })
  await assert.rejects(proof, { code: 'storage_not_durable' })
  await database.close()
})

test('a disk that fails to sync stops the engine rather than let a commit pass', async (t) => {
  const workerData = await databaseDirectory(t)
  const worker = new Worker(new URL('./failing-disk.js', import.meta.url), { workerData })
  const said: unknown[] = []
  worker.on('message', (message) => said.push(message))
  const tooLong = setTimeout(() => worker.terminate(), 20_000)
  await once(worker, 'exit')
  clearTimeout(tooLong)
  assert.deepEqual(said, ['created', 'aborted'])
})

function nodeDriverOf(database: PGlite): { readonly stream_ops: object } {
  return (database.Module as unknown as { readonly NODEFS: { readonly stream_ops: object } }).NODEFS
}
