import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { commands } from '../../src/admin/commands.ts'
import { forEachDatabase } from '../support/databases.ts'
import { ada, openApiWorld } from './support/api-world.ts'

/** What a credential that somebody chooses or guesses would be called. */
const credential = /pass(?:word|wd|phrase)|credential|\bpin\b|otp/i

test('demand 7: no command of administration takes or sets a password', () => {
  for (const [name, { input }] of Object.entries(commands)) {
    const schema = JSON.stringify(z.toJSONSchema(input, { io: 'input', unrepresentable: 'any' }), (key, value) =>
      key === 'description' ? undefined : value,
    )
    assert.doesNotMatch(schema, credential, name)
    assert.doesNotMatch(name, credential)
  }
})

forEachDatabase((kind) => {
  test(`demand 7: an account made by signing in has no credential, and nothing can set one (${kind})`, async (t) => {
    const world = await openApiWorld(t, kind)
    const { pool, ask, tokens, latchkey } = world
    await world.signIn('company-a', {
      ...ada,
      attributes: { ...ada.attributes, password: 'hunter2', userPassword: 'hunter2', uid: 'ada' },
    })
    const { rows: columns } = await pool.query<{ table_name: string; column_name: string }>(
      `select table_name, column_name from information_schema.columns
       where table_schema = current_schema() and table_name in ('account', 'identity', 'grant_set')`,
    )
    assert.ok(columns.length > 10)
    for (const { table_name: table, column_name: column } of columns) assert.doesNotMatch(column, credential, table)
    const before = await settled(world.contents)
    assert.doesNotMatch(before, /hunter2/)

    const { json } = await ask('POST', '/api/v1/accounts/ada/reveal', { token: tokens.ofA })
    for (const name of namesIn(json)) assert.doesNotMatch(name, credential)
    const body = new URLSearchParams({ username: 'ada', password: 'hunter2', new_password: 'hunter2' }).toString()
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin: latchkey.publicUrl }
    const paths = ['/', '/login', '/account', '/account/password', '/password', '/reset', '/forgot-password', '/find']
    for (const path of [...paths, '/sso/company-a/login', '/register', '/sign-up']) {
      const answer = await ask('POST', path, { body, headers })
      assert.ok(answer.status >= 400 || path === '/find', `${path} ${answer.status}`)
      assert.equal(answer.headers['set-cookie'], undefined, path)
    }
    const basic = { authorization: `Basic ${Buffer.from('ada:hunter2').toString('base64')}` }
    assert.doesNotMatch((await ask('GET', '/account', { headers: basic })).text, /Lovelace/)
    const revealed = /,token:of-a,account\.revealed,|api_token|^\(of-a,/
    const lines = (text: string) => text.split('\n').filter((line) => !revealed.test(line))
    assert.deepEqual(lines(await world.contents()), lines(before))
  })
})

/** What sign-ins said is kept a second later. */
async function settled(contents: () => Promise<string>): Promise<string> {
  for (let before = await contents(); ; ) {
    const after = await contents()
    if (after === before && /sign_in_input:\n\(/.test(after)) return after
    before = after
  }
}

function namesIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => [...(Array.isArray(value) ? [] : [name]), ...namesIn(inner)])
}
