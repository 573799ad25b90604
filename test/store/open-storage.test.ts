import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { isLatchkeyError } from '../../src/errors.ts'
import { openStorage } from '../../src/store/open-storage.ts'
import { forEachDatabase } from '../support/databases.ts'

forEachDatabase((kind, open) => {
  test(`a named statement can be used again and again (${kind})`, async (t) => {
    const { pool } = await open(t)
    for (const value of ['a', 'b', 'c']) {
      const { rows } = await pool.query({ name: 'echo', text: 'select $1::text as value', values: [value] })
      assert.deepEqual(rows, [{ value }])
    }
  })

  test(`a refused statement shows its SQLSTATE and constraint, and the connection stays (${kind})`, async (t) => {
    const { pool } = await open(t)
    await pool.query('create table note (id integer constraint note_key primary key)')
    await pool.query('insert into note values (1)')
    const connections = pool.totalCount
    await assert.rejects(pool.query('insert into note values ($1)', [1]), { code: '23505', constraint: 'note_key' })
    await assert.rejects(pool.query('select 1 / 0'), { code: '22012' })
    assert.equal(pool.totalCount, connections)
    assert.deepEqual((await pool.query('select id from note')).rows, [{ id: 1 }])
  })

  test(`a client that is thrown away leaves no transaction, setting or statement behind (${kind})`, async (t) => {
    const { pool } = await open(t)
    await pool.query('create table note (id integer)')
    const client = await pool.connect()
    await client.query({ name: 'echo', text: 'select 1' })
    await client.query("set application_name = 'left behind'")
    await client.query('begin')
    await client.query('insert into note values (1)')
    client.release(true)
    const { rows } = await pool.query({ name: 'echo', text: 'select count(*)::int as notes from note' })
    assert.deepEqual(rows, [{ notes: 0 }])
    const { rows: settings } = await pool.query("select current_setting('application_name') as name")
    assert.notEqual(settings[0].name, 'left behind')
  })

  test(`notices arrive, and values and results of many megabytes (${kind})`, async (t) => {
    const { pool } = await open(t)
    const client = await pool.connect()
    const notices: (string | undefined)[] = []
    client.on('notice', (notice) => notices.push(notice.message))
    await client.query("do $$ begin raise notice 'said aloud'; end $$")
    client.release()
    assert.deepEqual(notices, ['said aloud'])
    const value = 'ü'.repeat(3_000_000)
    const { rows } = await pool.query('select $1::text as value from generate_series(1, 3)', [value])
    assert.deepEqual(rows, [{ value }, { value }, { value }])
  })

  test(`a hundred queries at once are all answered (${kind})`, async (t) => {
    const { pool } = await open(t)
    const numbers = Array.from({ length: 100 }, (_, index) => index)
    const results = await Promise.all(numbers.map((number) => pool.query('select $1::int as number', [number])))
    assert.deepEqual(
      results.map(({ rows }) => rows[0].number),
      numbers,
    )
  })
})

test('openStorage() says storage_unavailable when no server answers, and the process lives on', async () => {
  const settings = { kind: 'postgres', url: 'postgres://nobody:secret@127.0.0.1:1/none', poolSize: 2 } as const
  await assert.rejects(openStorage(settings, { report: () => undefined }), (error: Error & { detail?: unknown }) => {
    assert.equal((error as { code?: string }).code, 'storage_unavailable')
    assert.doesNotMatch(JSON.stringify(error.detail), /secret/)
    return true
  })
})

test('openStorage() refuses an address that is none, and never repeats it', async () => {
  for (const url of ['postgres://latchkey:secret@[bad/none', 'postgres://latchkey:secret@host:99999999/none']) {
    const refusal = await openStorage({ kind: 'postgres', url, poolSize: 2 }, { report: () => undefined }).then(
      (storage) => storage.close(),
      (error: unknown) => error,
    )
    assert.ok(isLatchkeyError(refusal, 'configuration_invalid'))
    assert.doesNotMatch(inspect(refusal), /secret/)
  }
})
