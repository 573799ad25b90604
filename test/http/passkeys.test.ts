import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createAuthenticator, type Wish } from '../support/authenticator.ts'
import { forEachDatabase } from '../support/databases.ts'
import { assertRefused } from './support/assert-answer.ts'
import { alertsOf, assertNotLetIn, type Glass, openForm, openGlass, send, sessionOf } from './support/glass.ts'
import { type Answer, publicUrl } from './support/serve.ts'

/** Passkeys of local administrators, with an authenticator of software that really signs. */

const origin = publicUrl
const enrolPath = '/break-glass/enrol'

function linkOf({ link }: { readonly link: string }): { readonly path: string; readonly link: string } {
  const url = new URL(link)
  assert.equal(url.origin, publicUrl)
  return { path: `${url.pathname}${url.search}`, link: url.searchParams.get('link') ?? '' }
}

/** Registers a passkey of this account by its link. */
async function enrol(glass: Glass, offered: Glass['made'] = glass.made, more: Partial<Wish> = {}) {
  const { path, link } = linkOf(offered)
  const authenticator = createAuthenticator(offered.account.id)
  const form = await openForm(glass, path)
  const passkey = authenticator.create({ challenge: form.challenge, origin, ...more })
  const answer = await send(glass, form, { link, name: ' Key in the  safe ', passkey }, enrolPath)
  return { authenticator, form, link, passkey, answer }
}

forEachDatabase((kind) => {
  test(`demand 19: a link registers one passkey, and the passkey opens sessions (${kind})`, async (t) => {
    const glass = await openGlass(t, kind)
    const { authenticator, answer, form, link, passkey } = await enrol(glass)
    assert.equal(answer.status, 200, answer.text)
    assert.match(answer.text, /The passkey is registered/)

    const before = await glass.contents()
    assertRefused(await glass.ask(linkOf(glass.made).path), 'enrolment_link_invalid')
    const another = createAuthenticator(glass.made.account.id).create({ challenge: form.challenge, origin })
    for (const one of [passkey, another]) {
      assertRefused(await send(glass, form, { link, passkey: one }, enrolPath), 'enrolment_link_invalid')
    }
    assert.equal(await glass.contents(), before)

    for (let round = 1; round <= 2; round++) {
      const opened = await openForm(glass)
      const cookie = sessionOf(await send(glass, opened, { passkey: authenticator.get({ ...opened, origin }) }))
      assert.match(
        (await glass.ask('/account', { headers: { cookie } })).text,
        /Recovery codes left: 8\. Passkeys: 1\./,
      )
    }
    const events = alertsOf(glass).map(({ event, by }) => [event, by])
    const entered = ['break_glass.entered', 'passkey']
    assert.deepEqual(events, [['break_glass.passkey_registered', undefined], entered, entered])
    const shown = (await glass.run('break-glass.show', { account: 'vault-1' })) as {
      passkeys: { name: string; lastUsedAt?: string; reference: string }[]
    }
    assert.deepEqual(
      shown.passkeys.map(({ name, lastUsedAt }) => [name, lastUsedAt !== undefined]),
      [['Key in the safe', true]],
    )

    const gone = { account: 'vault-1', passkey: shown.passkeys[0]?.reference ?? '' }
    await glass.run('break-glass.remove-passkey', gone)
    await assert.rejects(glass.run('break-glass.remove-passkey', gone), { code: 'passkey_not_found' })
    const opened = await openForm(glass)
    assertNotLetIn(await send(glass, opened, { passkey: authenticator.get({ ...opened, origin }) }))
  })

  test(`a challenge lets in once, however often its answer is sent (${kind})`, async (t) => {
    const glass = await openGlass(t, kind)
    const { authenticator } = await enrol(glass)
    const form = await openForm(glass)
    const passkey = authenticator.get({ ...form, origin })
    const answers = await Promise.all([1, 2, 3].map(() => send(glass, form, { passkey })))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [303, 403, 403])
    const fresh = authenticator.get({ ...form, origin })
    assertNotLetIn(await send(glass, form, { passkey: fresh }))
    // One that does not count is held to its challenge alone.
    const { authenticator: silent } = await enrol(glass, await offer(glass), { counter: 0 })
    const next = await openForm(glass)
    const counted = { ...next, origin, counter: 0 }
    assert.equal((await send(glass, next, { passkey: silent.get(counted) })).status, 303)
    assertNotLetIn(await send(glass, next, { passkey: silent.get(counted) }))
  })
})

async function offer(glass: Glass): Promise<Glass['made']> {
  const offered = (await glass.run('break-glass.enrol', { account: 'vault-1' })) as Glass['made']
  return { ...glass.made, ...offered }
}

/** What the recorded attempt says to an administrator, by the reference on the page. */
async function traceOf(glass: Glass, { text }: Answer): Promise<string> {
  const reference = /Reference <code>([^<]+)</.exec(text)?.[1] ?? ''
  const { trace } = (await glass.run('attempt.reveal', { reference })) as { trace: unknown }
  return JSON.stringify(trace)
}

test('an answer for another site, person or page, without verification, or of a copied key lets nobody in', async (t) => {
  const glass = await openGlass(t)
  const other = (await glass.run('break-glass.create', { username: 'vault-2' })) as Glass['made']
  const { authenticator } = await enrol(glass)
  const elsewhere = await openForm(glass)
  const wrong: readonly (readonly [Partial<Wish>, RegExp])[] = [
    [{ origin: 'https://evil.example', rpId: 'login.example' }, /origin/],
    [{ origin: 'http://login.example' }, /origin/],
    [{ rpId: 'evil.example' }, /RP ID/i],
    [{ isUserVerified: false }, /could not be verified/],
    [{ userHandle: other.account.id }, /passkey: user handle/],
    [{ challenge: elsewhere.challenge }, /challenge/],
    [{ counter: 1 }, /counter/],
  ]
  for (const [change, why] of wrong) {
    const form = await openForm(glass)
    const wish = { challenge: form.challenge, origin, counter: 100, ...change }
    const answer = await send(glass, form, { passkey: authenticator.get(wish) })
    assertNotLetIn(answer)
    assert.match(await traceOf(glass, answer), why)
  }
  for (const passkey of ['', '{', '[]', 'null', '{"id":"x"}', JSON.stringify({ id: 'x'.repeat(2000) })]) {
    const form = await openForm(glass)
    assertNotLetIn(await send(glass, form, { passkey }))
  }
  const stranger = createAuthenticator(glass.made.account.id)
  const form = await openForm(glass)
  const passkey = JSON.parse(stranger.get({ ...form, origin, counter: 100 }))
  const stolen = { ...passkey, id: authenticator.credentialId, rawId: authenticator.credentialId }
  for (const [sent, why] of [
    [passkey, /passkey","wanted":"one that is registered/],
    [stolen, /passkey: signature"/],
  ] as const) {
    const answer = await send(glass, form, { passkey: JSON.stringify(sent) })
    assertNotLetIn(answer)
    assert.match(await traceOf(glass, answer), why)
  }

  const { rows } = await glass.pool.query('select count(*)::integer as sessions from session')
  assert.deepEqual(rows, [{ sessions: 0 }])
  const good = await openForm(glass)
  sessionOf(await send(glass, good, { passkey: authenticator.get({ ...good, origin, counter: 7 }) }))
  const copied = await openForm(glass)
  assertNotLetIn(await send(glass, copied, { passkey: authenticator.get({ ...copied, origin, counter: 7 }) }))
  await glass.run('account.suspend', { account: 'vault-1' })
  const suspended = await openForm(glass)
  assertNotLetIn(await send(glass, suspended, { passkey: authenticator.get({ ...suspended, origin, counter: 8 }) }))
})

test('what cannot be registered is refused, says so, and leaves the link as it was', async (t) => {
  const glass = await openGlass(t)
  const { path, link } = linkOf(glass.made)
  const authenticator = createAuthenticator(glass.made.account.id)
  const before = await glass.contents()
  const wrong: readonly Partial<Wish>[] = [
    { origin: 'https://evil.example', rpId: 'login.example' },
    { rpId: 'evil.example' },
    { isUserVerified: false },
    { challenge: 'AAAA' },
  ]
  for (const change of wrong) {
    const form = await openForm(glass, path)
    const passkey = authenticator.create({ challenge: form.challenge, origin, ...change })
    const answer = await send(glass, form, { link, passkey }, enrolPath)
    assert.equal(answer.status, 403)
    assert.match(answer.text, /could not be registered/)
    assert.match(answer.text, /data-passkey/, 'trying again is possible at once')
  }
  const form = await openForm(glass, path)
  const passkey = authenticator.create({ challenge: form.challenge, origin })
  assert.equal((await send(glass, { ...form, cookie: '' }, { link, passkey }, enrolPath)).status, 403)
  const entering = await openForm(glass)
  const forAnother = authenticator.create({ challenge: entering.challenge, origin })
  assert.equal((await send(glass, entering, { link, passkey: forAnother }, enrolPath)).status, 403)
  assertRefused(await send(glass, form, { link: 'x'.repeat(43), passkey }, enrolPath), 'enrolment_link_invalid')
  assertRefused(await send(glass, form, { link, passkey: passkey.repeat(200) }, enrolPath), 'request_too_large')
  assert.equal(await glass.contents(), before)
  assert.equal((await send(glass, form, { link, passkey }, enrolPath)).status, 200)
  const { path: again, link: next } = linkOf(await offer(glass))
  const second = await openForm(glass, again)
  assert.match(second.answer.text, new RegExp(authenticator.credentialId), 'the browser is told which it has')
  const twice = authenticator.create({ challenge: second.challenge, origin })
  const answer = await send(glass, second, { link: next, passkey: twice }, enrolPath)
  assert.deepEqual([answer.status, /registered already/.test(answer.text)], [409, true])
})

test('a link that has run out, was replaced, or whose account is suspended or gone registers nothing', async (t) => {
  let ahead = 0
  const glass = await openGlass(t, 'embedded', { now: () => new Date(Date.now() + ahead) })
  const first = linkOf(glass.made)
  const form = await openForm(glass, first.path)
  const passkey = createAuthenticator(glass.made.account.id).create({ challenge: form.challenge, origin })
  const isRefused = async (path: string, link: string) => {
    const before = await glass.contents()
    assertRefused(await glass.ask(path), 'enrolment_link_invalid')
    assertRefused(await send(glass, form, { link, passkey }, enrolPath), 'enrolment_link_invalid')
    assert.equal(await glass.contents(), before)
  }
  const next = linkOf(await offer(glass))
  await isRefused(first.path, first.link)
  await glass.run('break-glass.create', { username: 'vault-2' })
  await glass.run('account.suspend', { account: 'vault-1' })
  await isRefused(next.path, next.link)
  await glass.run('account.reinstate', { account: 'vault-1' })
  assert.equal((await glass.ask(next.path)).status, 200)
  ahead = 3_601_000
  assertRefused(await glass.ask(next.path), 'enrolment_link_invalid')
  ahead = 0
  await glass.run('break-glass.remove', { account: 'vault-1' })
  await isRefused(next.path, next.link)
})

test('where the public URL is a bare address there are recovery codes, and no passkeys', async (t) => {
  const glass = await openGlass(t, 'embedded', { publicUrl: 'https://192.0.2.7' })
  const page = await glass.ask('/break-glass', { host: '192.0.2.7' })
  assert.equal(page.status, 200)
  assert.doesNotMatch(page.text, /data-passkey|<script/)
  assert.match(page.text, /Recovery code/)
  const { path } = linkOf(glass.made)
  assert.match((await glass.ask(path, { host: '192.0.2.7' })).text, /reached by a bare address/)
})
