import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approveAccount, rejectAccount } from '../../src/admin/account-states.ts'
import { listRequests } from '../../src/admin/approvals.ts'
import { explainAccount } from '../../src/admin/explain-account.ts'
import { accountRequests } from '../../src/cli/commands/account-requests.ts'
import { accountShow } from '../../src/cli/commands/account-show.ts'
import { freezeSettings } from '../../src/config/settings.ts'
import type { DatabaseKind } from '../support/databases.ts'
import { countRows } from '../support/sign-in-world.ts'
import { assertRefused, assertSafe, redirectOf } from './support/assert-answer.ts'
import { publicUrl, serve } from './support/serve.ts'
import { cookieOf, openSignIns } from './support/sign-ins.ts'

const nina = { nameId: 'nina', attributes: { uid: 'nina', cn: 'Nina Newcomer' } }

/** Nina has arrived and waits: the page she was led to, in her browser. */
async function openWaiting(t: Parameters<typeof serve>[0], kind: DatabaseKind) {
  const served = await serve(t, {}, kind)
  const signIns = await openSignIns(served)
  const conditions = [
    { name: 'newcomers', verdict: 'hold' as const, message: 'Newcomers are looked at.', contact: 'desk@a.example' },
  ]
  await signIns.add('a', 'Company A', { newAccounts: 'pending', conditions, allowIdpInitiated: true })
  const begun = await signIns.login('a')
  const arrived = await signIns.respond('a', nina, begun)
  const { pathname, search } = redirectOf(arrived)
  const path = `${pathname}${search}`
  const headers = { cookie: cookieOf(arrived) }
  assert.equal(headers.cookie, begun.cookie)
  const ask = (wish = {}) => served.ask(path, { headers, ...wish })
  const write = (text: string) => served.post(path, { text }, { headers })
  const noteOf = async () => (await listRequests({}, served.office))[0]?.note
  return { ...served, ...signIns, path, headers, look: ask, write, noteOf }
}

for (const kind of ['embedded', 'served'] as const) {
  test(`demand 14: whoever waits reads how it stands and whom to ask, and writes to whoever decides (${kind})`, async (t) => {
    const { look, write, noteOf, path, office, ask, pool } = await openWaiting(t, kind)
    const empty = await look()
    assert.equal(empty.status, 200)
    assertSafe(empty)
    for (const words of [/Your request has been sent/, /Newcomers are looked at\./, /desk@a\.example/, /<textarea/]) {
      assert.match(empty.text, words)
    }
    const written = await write('I am the new one.\r\nAsk Jo.')
    assert.deepEqual([written.status, written.headers.location], [303, `${publicUrl}${path}`])
    assert.match((await look()).text, /I am the new one\.\nAsk Jo\.<\/textarea>/)
    assert.deepEqual([(await noteOf())?.text, (await noteOf())?.isFinal], ['I am the new one.\nAsk Jo.', false])
    assert.equal((await write('I am Nina.')).status, 303)
    assert.doesNotMatch((await look()).text, /<textarea/)
    const rows = await countRows(pool)
    assertRefused(await write('And again.'), 'approval_note_final')
    assert.deepEqual(await countRows(pool), rows)
    assert.equal((await noteOf())?.text, 'I am Nina.')

    const [request] = await listRequests({}, office)
    const decision = await ask((request?.link ?? '').slice(publicUrl.length))
    assert.match(decision.text, /They say<\/dt><dd class="written" dir="auto">I am Nina\.</)
    const { rows: events } = await pool.query<{ actor: string; target: string; detail: object }>(
      "select actor, target, detail from audit_event where action = 'account.note_written'",
    )
    const who = `account:${request?.account.id}`
    assert.deepEqual(events, [
      { actor: who, target: who, detail: {} },
      { actor: who, target: who, detail: {} },
    ])
    await approveAccount({ account: 'nina' }, office)
    assert.match((await look()).text, /Your account has been approved/)
    assert.equal((await countRows(pool)).approval_note, 0)
    assertRefused(await write('Late.'), 'account_not_pending')
  })

  test(`demand 14: hostile text is harmless on pages and in terminals (${kind})`, async (t) => {
    const { write, noteOf, look, office } = await openWaiting(t, kind)
    const hostile =
      '<script>alert(1)</script>\u001b[31mred\u0007\u202egnp.exe\u2066x\u2069\u200f \u0000\u{e0041} "\'&e\u0301'
    assert.equal((await write(hostile)).status, 303)
    const clean = '<script>alert(1)</script>[31mredgnp.exex  "\'&\u00e9'
    assert.equal((await noteOf())?.text, clean)
    const page = await look()
    assert.ok(page.text.includes('&lt;script&gt;alert(1)&lt;/script&gt;[31mredgnp.exex'))
    assert.doesNotMatch(page.text, /<script>/)
    const administer = async (name: string) => {
      const ask = name === 'account.requests' ? listRequests({}, office) : explainAccount({ account: 'nina' }, office)
      return JSON.parse(JSON.stringify(await ask))
    }
    for (const command of [accountRequests, accountShow]) {
      const given = { positionals: ['nina'], flags: {}, settings: freezeSettings({}) }
      const { text } = (await command.run(given as never, { administer } as never)) as { text: string }
      assert.ok(text.includes(clean), text)
      assert.doesNotMatch(text, /[\p{Bidi_Control}\u001b\u0007\u0000]/u)
    }
  })

  test(`demand 14: a text that is empty or too long is given back to be put right, and nothing is kept (${kind})`, async (t) => {
    const { write, noteOf, pool } = await openWaiting(t, kind)
    const rows = await countRows(pool)
    for (const [text, words] of [
      ['', /Write something first/],
      [' \u202e\n ', /Write something first/],
      ['ä'.repeat(501), /longer than 500 characters/],
    ] as const) {
      const answer = await write(text)
      assert.equal(answer.status, 400)
      assert.match(answer.text, words)
      assert.match(answer.text, /aria-invalid="true"/)
    }
    assert.deepEqual(await countRows(pool), rows)
    assert.equal((await write('😀'.repeat(500))).status, 303)
    assert.equal((await noteOf())?.text.length, 1000)
  })

  test(`demand 14: the page is for the browser that came, for an hour, while somebody waits (${kind})`, async (t) => {
    const world = await openWaiting(t, kind)
    const { ask, post, path, headers, login, respond, pool, office } = world
    const other = await login('a')
    const rows = await countRows(pool)
    const changed = `${path.slice(0, -6)}${path.at(-6) === 'A' ? 'B' : 'A'}${path.slice(-5)}`
    for (const [where, cookie] of [
      [path, ''],
      [path, other.cookie],
      [changed, headers.cookie],
      ['/waiting?request=v1.a.b.c', headers.cookie],
    ] as const) {
      assertRefused(await ask(where, { headers: { cookie } }), 'waiting_page_unknown')
      assertRefused(await post(where, { text: 'x' }, { headers: { cookie } }), 'waiting_page_unknown')
    }
    assert.deepEqual(await countRows(pool), rows)

    // From the identity provider, without a cookie of ours: the browser gets one with the page.
    const unasked = await respond('a', nina)
    const fromThere = redirectOf(unasked)
    const cookie = cookieOf(unasked)
    assert.match(cookie, /^__Host-latchkey-browser=/)
    assert.equal((await ask(`${fromThere.pathname}${fromThere.search}`, { headers: { cookie } })).status, 200)
    const program = await respond('a', nina, {}, {}, 'application/json')
    assert.deepEqual([program.status, JSON.parse(program.text).error], [403, 'account_pending'])

    await rejectAccount({ account: 'nina' }, office)
    assert.match((await world.look()).text, /Your request is over/)
    await pool.query('delete from account')
    assertRefused(await world.look(), 'waiting_page_unknown')
  })
}
