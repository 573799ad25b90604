import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { beginAndSignIn, cookieOf, openHouse, page } from './house.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

test('the gateway sends a person without a session to sign in, bound to this browser, and back to the page', async (t) => {
  const house = await openHouse(t)
  const answer = await house.send('/plans/42?year=2026&a=%2F', { headers: page })
  assert.equal(answer.status, 303)
  const location = new URL(answer.headers.location ?? '')
  assert.equal(location.origin + location.pathname, 'https://latchkey.example/applications/benefits/enter')
  assert.equal(location.searchParams.get('return_to'), `${house.origin}/plans/42?year=2026&a=%2F`)
  const secret = cookieOf(answer, '__Host-latchkey-entry').split('=')[1] ?? ''
  assert.match(secret, /^[A-Za-z0-9_-]{43}$/)
  assert.equal(location.searchParams.get('browser'), sha256(secret))
  assert.match(
    String(answer.headers['set-cookie']),
    /^__Host-latchkey-entry=[^;]+; Path=\/; HttpOnly; Secure; SameSite=Lax; Max-Age=900$/,
  )
  assert.equal(house.upstream.requests.length, 0)
})

test('the gateway answers what is no page with 401 session_required', async (t) => {
  const house = await openHouse(t)
  const calls = [
    house.send('/api', { headers: { accept: 'application/json' } }),
    house.send('/api', { headers: { ...page, 'sec-fetch-mode': 'cors' } }),
    house.send('/form', { method: 'POST', body: 'a=1', headers: { accept: '*/*' } }),
    house.send('/api', { cookie: '__Host-latchkey=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }),
    house.send('/api', { cookie: "__Host-latchkey=' or 1=1" }),
  ]
  for (const answer of await Promise.all(calls)) {
    assert.equal(answer.status, 401)
    assert.equal(JSON.parse(answer.body).error, 'session_required')
  }
  const form = await house.send('/form', { method: 'POST', body: 'a=1', headers: page })
  assert.equal(form.status, 401)
  assert.match(form.body, /Please sign in/)
  assert.equal(house.upstream.requests.length, 0)
})

test('several tabs that begin together all come in', async (t) => {
  const house = await openHouse(t)
  const first = await house.send('/one', { headers: page })
  const cookie = cookieOf(first, '__Host-latchkey-entry')
  const second = await house.send('/two', { headers: page, cookie })
  assert.equal(cookieOf(second, '__Host-latchkey-entry'), cookie)
  for (const path of ['/one', '/two']) {
    const browserHash = sha256(cookie.split('=')[1] ?? '')
    const code = sha256(path).slice(0, 43)
    await house.directory.signIn({ code, browserHash, returnTo: house.origin + path, now: new Date() }, {})
    const entered = await house.send(`/.latchkey/enter?code=${code}`, { cookie })
    assert.equal(entered.status, 303)
    assert.equal(entered.headers.location, house.origin + path)
    const session = cookieOf(entered, '__Host-latchkey')
    assert.equal((await house.send(path, { cookie: `${cookie}; ${session}` })).body, 'the application')
  }
})

test('a malformed entry cookie is replaced', async (t) => {
  const house = await openHouse(t)
  const answer = await house.send('/', { headers: page, cookie: '__Host-latchkey-entry=short' })
  assert.match(cookieOf(answer, '__Host-latchkey-entry'), /=[A-Za-z0-9_-]{43}$/)
})

test('the way back opens a session and leads to the very page, query and all', async (t) => {
  const house = await openHouse(t)
  const begun = await beginAndSignIn(house, {}, '/plans?q=caf%C3%A9&x=1')
  const entered = await house.send(`/.latchkey/enter?code=${begun.code}`, { cookie: begun.cookie })
  assert.equal(entered.status, 303)
  assert.equal(entered.headers.location, `${house.origin}/plans?q=caf%C3%A9&x=1`)
  assert.match(
    String(entered.headers['set-cookie']),
    /^__Host-latchkey=[A-Za-z0-9_-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  )
  assert.equal(entered.headers['cache-control'], 'no-store')
})

test('a code is good once, in its browser, for a minute', async (t) => {
  const house = await openHouse(t)
  const begun = await beginAndSignIn(house)
  const other = cookieOf(await house.send('/', { headers: page }), '__Host-latchkey-entry')
  const redeem = (cookie: string | undefined, code = begun.code) =>
    house.send(`/.latchkey/enter?code=${code}`, cookie === undefined ? {} : { cookie })
  const refused = [
    await redeem(other),
    await redeem(undefined),
    await redeem(begun.cookie, 'x'),
    await redeem(begun.cookie, `${begun.code.slice(0, -1)}${begun.code.endsWith('A') ? 'B' : 'A'}`),
  ]
  assert.equal((await redeem(begun.cookie)).status, 303)
  refused.push(await redeem(begun.cookie))

  const late = await beginAndSignIn(house)
  house.advanceSeconds(61)
  refused.push(await redeem(late.cookie, late.code))
  for (const answer of refused) {
    assert.equal(answer.status, 403)
    assert.equal(JSON.parse(answer.body).error, 'handoff_invalid')
    assert.equal(answer.headers['set-cookie'], undefined)
  }
})

test('a refused way back is a page that leads to the application again', async (t) => {
  const house = await openHouse(t)
  const answer = await house.send('/.latchkey/enter?code=x', { headers: page })
  assert.equal(answer.status, 403)
  assert.match(answer.body, new RegExp(`href="${house.origin}/"[^>]*>Try again`))
})

test('only GET redeems a code', async (t) => {
  const house = await openHouse(t)
  const begun = await beginAndSignIn(house)
  for (const method of ['HEAD', 'POST']) {
    const answer = await house.send(`/.latchkey/enter?code=${begun.code}`, { method, cookie: begun.cookie })
    assert.equal(answer.status, 405)
  }
  assert.equal((await house.send(`/.latchkey/enter?code=${begun.code}`, { cookie: begun.cookie })).status, 303)
})

test('the way back leads nowhere but into the application', async (t) => {
  const house = await openHouse(t)
  const elsewhere = ['https://evil.example/', `${house.origin}.evil.example/`, '//evil.example', '/path']
  for (const returnTo of elsewhere) {
    const begun = await beginAndSignIn(house)
    const browserHash = sha256(begun.cookie.split('=')[1] ?? '')
    const code = sha256(returnTo).slice(0, 43)
    await house.directory.signIn({ code, browserHash, returnTo, now: new Date() }, {})
    const answer = await house.send(`/.latchkey/enter?code=${code}`, { cookie: begun.cookie })
    assert.equal(JSON.parse(answer.body).error, 'handoff_invalid', returnTo)
    assert.equal(answer.headers.location, undefined)
  }
})

test('an address longer than 8 KB comes back without its query, or to the front page', async (t) => {
  const house = await openHouse(t)
  const returnTo = async (path: string) => {
    const answer = await house.send(path, { headers: page })
    return new URL(answer.headers.location ?? '').searchParams.get('return_to')
  }
  const longest = `/p?${'a'.repeat(8192 - house.origin.length - 3)}`
  assert.equal(await returnTo(longest), house.origin + longest)
  assert.equal(await returnTo(`${longest}a`), `${house.origin}/p`)
})

test('odd signs of a query come back as addresses write them', async (t) => {
  const house = await openHouse(t)
  const answer = await house.send('/p?a=\\b#c&d=%E9', { headers: page })
  const returnTo = new URL(answer.headers.location ?? '').searchParams.get('return_to')
  assert.equal(returnTo, `${house.origin}/p?a=%5Cb%23c&d=%E9`)
})

test('signing out ends the session and goes on to the sign-out of the service', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  assert.equal((await house.send('/', { cookie })).status, 200)
  const answer = await house.send('/.latchkey/logout', { cookie })
  assert.equal(answer.status, 303)
  const next = new URL(String(answer.headers.location))
  assert.equal(next.origin + next.pathname, 'https://latchkey.example/logout')
  const kept = await house.directory.directory.findLogoutRequest(next.searchParams.get('request') ?? '', new Date())
  assert.equal(kept?.connectionId, 'company-a')
  assert.match(String(answer.headers['set-cookie']), /^__Host-latchkey=; .*Max-Age=0$/)
  assert.equal((await house.send('/', { cookie })).status, 401)
  assert.equal((await house.send('/.latchkey/logout', { cookie })).headers.location, 'https://latchkey.example/logout')
})

test('nothing under /.latchkey reaches the application, however it is written', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const paths = [
    '/.latchkey',
    '/.latchkey/',
    '/.latchkey/x',
    '/.LATCHKEY/enter',
    '/%2elatchkey/x',
    '/.latchkey;a/x',
    '/.latchkey/enter/',
  ]
  for (const path of paths) {
    assert.equal((await house.send(path, { cookie })).status, 404, path)
  }
  assert.equal(house.upstream.requests.length, 0)
})
