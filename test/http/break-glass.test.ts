import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachDatabase } from '../support/databases.ts'
import { assertRefused } from './support/assert-answer.ts'
import { alertsOf, assertNotLetIn, openForm, openGlass, send, sessionOf } from './support/glass.ts'
import { publicUrl } from './support/serve.ts'

/** Local administrators come in with recovery codes, without any script, over real HTTP and on both databases. */

forEachDatabase((kind) => {
  test(`demand 19: a recovery code opens one short session, recorded, counted and reported (${kind})`, async (t) => {
    const glass = await openGlass(t, kind)
    const { codes, account } = glass.made
    const [first = '', second = ''] = codes
    assert.equal(codes.length, 8)
    assert.match(first, /^(?:[0-9A-HJKMNP-TV-Z]{6}-){3}[0-9A-HJKMNP-TV-Z]{6}$/)
    assert.equal(new Set(codes).size, 8)

    const form = await openForm(glass)
    assert.match(String(form.answer.headers['content-security-policy']), /form-action 'self'/)
    const cookie = sessionOf(
      await send(glass, form, { username: ' Vault-1 ', code: first.toLowerCase().replaceAll('-', ' ') }),
    )
    const page = await glass.ask('/account', { headers: { cookie } })
    assert.match(page.text, /vault-1/)
    assert.match(page.text, /Break-glass access/)
    assert.match(page.text, /Recovery codes left: 7\. Passkeys: 0\./)
    assert.match(page.text, /latchkey-administrator/)

    const { rows } = await glass.pool.query(
      'select connection_id, extract(epoch from expires_at - created_at) as life from session',
    )
    assert.deepEqual(
      rows.map(({ connection_id, life }) => [connection_id, Number(life)]),
      [['break-glass:company-a', 3600]],
    )
    const [alert] = alertsOf(glass)
    const { attempt, ...told } = alert ?? {}
    const known = { level: 40, event: 'break_glass.entered', by: 'recovery-code', organization: 'company-a' }
    for (const [name, value] of Object.entries({ ...known, account: account.id, codesLeft: 7 }))
      assert.equal(told[name], value)
    const shown = (await glass.run('attempt.show', { reference: attempt })) as { outcome: string; writes: unknown[] }
    assert.equal(shown.outcome, 'accepted')
    assert.match(JSON.stringify(shown.writes), /break_glass\.entered.*"codesLeft":7/)
    const metrics = await glass.deps.metrics.registry.metrics()
    assert.match(metrics, /latchkey_break_glass_total\{event="entered",by="recovery-code"\} 1/)

    const again = await openForm(glass)
    assertNotLetIn(await send(glass, again, { username: 'vault-1', code: first }))
    sessionOf(await send(glass, again, { username: 'vault-1', code: second }))
    const listed = (await glass.run('break-glass.show', { account: 'vault-1' })) as { codes: { usedAt?: string }[] }
    assert.deepEqual(
      listed.codes.map(({ usedAt }) => usedAt !== undefined),
      [true, true, ...Array(6).fill(false)],
    )
    const all = [...glass.log, await glass.contents()].join('\n')
    for (const code of codes) assert.ok(!all.includes(code) && !all.includes(code.replaceAll('-', '')))
  })

  test(`two at once with one recovery code: one comes in (${kind})`, async (t) => {
    const glass = await openGlass(t, kind)
    const [code = ''] = glass.made.codes
    const form = await openForm(glass)
    const answers = await Promise.all([1, 2, 3].map(() => send(glass, form, { username: 'vault-1', code })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403, 403])
    const { rows } = await glass.pool.query('select count(*)::integer as sessions from session')
    assert.deepEqual(rows, [{ sessions: 1 }])
  })

  test(`whatever is wrong, the answer is the same and nobody is let in (${kind})`, async (t) => {
    const glass = await openGlass(t, kind)
    const other = (await glass.run('break-glass.create', { username: 'vault-2' })) as typeof glass.made
    const [code = '', last = ''] = glass.made.codes
    const form = await openForm(glass)
    const tries = [
      {
        username: 'vault-1',
        code: `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`,
        why: 'form of the recovery code',
      },
      { username: 'nobody', code: '7K3VQ2-7K3VQ2-7K3VQ2-7K3VQ2', why: 'form of the recovery code' },
      { username: 'vault-1', code: other.codes[0] ?? '', why: 'user name' },
      { username: 'nobody', code, why: 'user name' },
    ]
    for (const { why, ...fields } of tries) {
      const answer = await send(glass, form, fields)
      assertNotLetIn(answer)
      const reference = /Reference <code>([^<]+)</.exec(answer.text)?.[1] ?? ''
      const attempt = (await glass.run('attempt.show', { reference })) as {
        code: string
        trace: unknown
        organizationId: string
      }
      assert.equal(attempt.code, 'break_glass_refused')
      assert.ok(JSON.stringify(attempt.trace).includes(`"check":"${why}"`), JSON.stringify(attempt.trace))
      assert.equal(attempt.organizationId, fields.username === 'nobody' && why !== 'user name' ? '' : 'company-a')
    }
    await glass.run('account.suspend', { account: 'vault-1' })
    assertNotLetIn(await send(glass, form, { username: 'vault-1', code }))
    await glass.run('account.reinstate', { account: 'vault-1' })
    const replaced = (await glass.run('break-glass.codes', { account: 'vault-1' })) as typeof glass.made
    assertNotLetIn(await send(glass, form, { username: 'vault-1', code }))
    await glass.run('break-glass.remove', { account: 'vault-1' })
    for (const gone of [replaced.codes[0] ?? '', last]) {
      assertNotLetIn(await send(glass, form, { username: 'vault-1', code: gone }))
    }
    const { rows } = await glass.pool.query('select count(*)::integer as sessions from session')
    assert.deepEqual(rows, [{ sessions: 0 }])
    assert.equal(alertsOf(glass).filter(({ event }) => event === 'break_glass.refused').length, 8)
  })

  test(`a session of a local administrator ends with the account, and with a suspension at once (${kind})`, async (t) => {
    const glass = await openGlass(t, kind)
    const enter = async (code = '') =>
      sessionOf(await send(glass, await openForm(glass), { username: 'vault-1', code }))
    const isIn = async (cookie: string) => (await glass.ask('/account', { headers: { cookie } })).status === 200
    await glass.run('break-glass.create', { username: 'vault-2' })
    const first = await enter(glass.made.codes[0])
    assert.ok(await isIn(first))
    await glass.run('account.suspend', { account: 'vault-1' })
    assert.equal(await isIn(first), false)
    await glass.run('account.reinstate', { account: 'vault-1' })
    const second = await enter(glass.made.codes[1])
    assert.ok(await isIn(second))
    await glass.run('break-glass.remove', { account: 'vault-1' })
    assert.equal(await isIn(second), false)
  })
})

test('a form that another site, another browser or another day sent opens nothing and uses nothing up', async (t) => {
  let ahead = 0
  const glass = await openGlass(t, 'embedded', { now: () => new Date(Date.now() + ahead) })
  const [code = ''] = glass.made.codes
  const fields = { username: 'vault-1', code }
  const [ours, theirs] = [await openForm(glass), await openForm(glass)]
  const before = await glass.contents()
  for (const sent of [
    { cookie: '', token: ours.token },
    { cookie: theirs.cookie, token: ours.token },
    { cookie: ours.cookie, token: `${ours.token.slice(0, -1)}x` },
    { cookie: ours.cookie, token: 'x' },
  ]) {
    const answer = await send(glass, sent, fields)
    assert.equal(answer.status, 403)
    assert.match(answer.text, /open for too long, or was not sent from here/)
    assert.equal(
      answer.setCookies.some((cookie) => cookie.startsWith('__Host-latchkey=')),
      false,
    )
  }
  ahead = 601_000
  assert.equal((await send(glass, ours, fields)).status, 403)
  ahead = 0
  assert.equal(await glass.contents(), before)
  assertRefused(await glass.post('/break-glass', { ...fields, token: ours.token.repeat(1000) }), 'request_too_large')
  assertRefused(await glass.post('/break-glass', fields), 'request_invalid')
  assert.equal(await glass.contents(), before)
  sessionOf(await send(glass, ours, fields))
})

test('strangers who guess fill nothing and keep nobody out: only codes of ours are counted for an account', async (t) => {
  const at = new Date()
  const glass = await openGlass(t, 'embedded', { now: () => at })
  const form = await openForm(glass)
  const guess = { username: 'vault-1', code: '7K3VQ2-7K3VQ2-7K3VQ2-7K3VQ2' }
  for (let index = 0; index < 40; index++) assertNotLetIn(await send(glass, form, guess))
  const { rows } = await glass.pool.query('select count(*)::integer as attempts from sign_in_attempt')
  assert.deepEqual(rows, [{ attempts: 30 }])
  const [used = '', next = ''] = glass.made.codes
  sessionOf(await send(glass, form, { username: 'vault-1', code: used }))
  for (let index = 0; index < 9; index++) assertNotLetIn(await send(glass, form, { username: 'vault-1', code: used }))
  const busy = await send(glass, form, { username: 'vault-1', code: next })
  assertRefused(busy, 'break_glass_busy')
  assert.equal(busy.headers['retry-after'], '60')
})

test('the way in leads on to the application that waits, where it lets local administrators in', async (t) => {
  const glass = await openGlass(t)
  await glass.addConnection('company-a', 'a')
  await glass.addApplication('portal', ['a', 'break-glass:company-a'], 'Portal')
  await glass.addApplication('closed', ['a'], 'Closed')
  const browser = 'ab'.repeat(32)
  const query = (application: string) =>
    new URLSearchParams({ application, return_to: `https://${application}.example/deep`, browser }).toString()
  const form = await openForm(glass, `/break-glass?${query('portal')}`)
  assert.match(form.answer.text, /Break-glass access to Portal/)
  const waiting = Object.fromEntries(new URLSearchParams(query('portal')))
  const [first = '', second = ''] = glass.made.codes
  const wrong = await send(glass, form, { ...waiting, username: 'vault-1', code: 'x' })
  assert.match(wrong.text, /name="application" value="portal"/)
  const entered = await send(glass, form, { ...waiting, username: 'vault-1', code: first })
  const entry = new URL(entered.headers.location ?? '')
  assert.deepEqual([entry.origin, entry.pathname], [publicUrl, '/applications/portal/enter'])
  const cookie = entered.setCookies[0]?.split(';', 1)[0] ?? ''
  const handedOff = await glass.ask(`${entry.pathname}${entry.search}`, { headers: { cookie } })
  assert.match(handedOff.headers.location ?? '', /^https:\/\/portal\.example\/\.latchkey\/enter\?code=/)
  assert.match((await glass.ask('/account', { headers: { cookie } })).text, /https:\/\/portal\.example/)

  const other = await send(glass, form, {
    ...Object.fromEntries(new URLSearchParams(query('closed'))),
    username: 'vault-1',
    code: second,
  })
  const closed = new URL(other.headers.location ?? '')
  const sent = await glass.ask(`${closed.pathname}${closed.search}`, {
    headers: { cookie: other.setCookies[0]?.split(';', 1)[0] },
  })
  assert.match(sent.headers.location ?? '', /^https:\/\/idp\.example\/sso/, 'who may not enter is asked to sign in')
})

test('the way in is on the sign-in page and on every page that says a sign-in failed', async (t) => {
  const glass = await openGlass(t)
  for (const path of ['/', '/sso/nobody/login']) {
    assert.match((await glass.ask(path)).text, /href="https:\/\/login\.example\/break-glass"/, path)
  }
  assert.doesNotMatch((await glass.ask('/nothing')).text, /break-glass/)
})
