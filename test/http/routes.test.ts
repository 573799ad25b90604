import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { assertRefused, assertSafe, redirectOf } from './support/assert-answer.ts'
import { publicUrl, type Served, serve, sha256 } from './support/serve.ts'

const browserHash = 'a'.repeat(64)

/** Company A with one connection and an application; Company P with two connections; one application for all. */
async function serveCompanies(t: Parameters<typeof serve>[0]) {
  const served = await serve(t)
  await served.addOrganization('company-a', 'Company A')
  await served.addOrganization('company-p', 'Company P & Söhne')
  const a = await served.addConnection('company-a', 'a-main', { settings: { emailDomains: ['a.example'] } })
  const p = await served.addConnection('company-p', 'p-staff', { name: 'P staff' })
  await served.addConnection('company-p', 'p-partners', { name: 'P <partners>' })
  await served.addConnection('company-a', 'a-off', { settings: { samlEnabled: false } })
  await served.addApplication('benefits', ['a-main'], 'Benefits')
  await served.addApplication('wiki', ['p-staff', 'p-partners'], 'Wiki & more')
  await served.addApplication('shared', ['a-main', 'p-staff', 'p-partners'], 'Shared')
  return { ...served, a, p }
}

function entry(application: string, more: Record<string, string> = {}): string {
  return `/applications/${application}/enter?${new URLSearchParams({ browser: browserHash, ...more })}`
}

test('login leads to the identity provider and ties the request to the browser', async (t) => {
  const { ask, directory, a } = await serveCompanies(t)
  const answer = await ask('/sso/a-main/login?return_to=/account')
  const url = redirectOf(answer)
  assert.equal(url.origin + url.pathname, 'https://idp.example/sso')
  const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString()
  const id = / ID="([^"]+)"/.exec(xml)?.[1]
  const [cookie = ''] = answer.setCookies
  assert.match(cookie, /^__Host-latchkey-browser=[\w-]{43}; Max-Age=3600; Path=\/; HttpOnly; Secure; SameSite=None$/)
  const secret = /=([\w-]{43})/.exec(cookie)?.[1] ?? ''
  const state = await directory.readSignInState({
    organizationId: a.organizationId,
    connectionId: a.id,
    subjectKey: 'nobody',
    usernameKey: 'nobody',
    loginRequestId: id ?? '',
  })
  assert.equal(state.loginRequest?.returnTo, `${publicUrl}/account`)
  assert.equal(state.loginRequest?.browserHash, sha256(secret))
})

test('login takes a browser secret again that it could have made, and no other', async (t) => {
  const { ask } = await serveCompanies(t)
  const secret = 'x'.repeat(43)
  const login = (cookie: string) =>
    ask('/sso/a-main/login', { headers: { cookie: `__Host-latchkey-browser=${cookie}` } })
  assert.match((await login(secret)).setCookies[0] ?? '', new RegExp(`^__Host-latchkey-browser=${secret};`))
  for (const other of ['', 'short', 'x'.repeat(44), `${'x'.repeat(42)}!`]) {
    assert.match((await login(other)).setCookies[0] ?? '', /^__Host-latchkey-browser=(?!x{9})[\w-]{43};/, other)
  }
})

test('login by the POST binding answers a form that works without its script', async (t) => {
  const { ask, addConnection } = await serveCompanies(t)
  await addConnection('company-a', 'a-post', {
    settings: { authnRequestBinding: 'post' },
    location: 'https://idp.example/s?a=1&b="',
  })
  const answer = await ask('/sso/a-post/login')
  assert.equal(answer.status, 200)
  assertSafe(answer)
  assert.match(answer.text, /<form method="post" action="https:\/\/idp\.example\/s\?a=1&amp;b=&quot;">/)
  assert.match(answer.text, /<input type="hidden" name="SAMLRequest" value="[A-Za-z0-9+/=]+">/)
  assert.match(answer.text, /<button type="submit">/)
  const policy = String(answer.headers['content-security-policy'])
  assert.match(policy, /script-src https:\/\/login\.example; form-action 'self' https:; /)
  const script = /<script src="https:\/\/login\.example([^"]+)"/.exec(answer.text)?.[1] ?? ''
  assert.equal((await ask(script)).text, 'document.forms[0]?.submit()\n')
})

test('login refuses what it does not know, and keeps nothing', async (t) => {
  const { ask } = await serveCompanies(t)
  assertRefused(await ask('/sso/nobody/login'), 'connection_not_found')
  assertRefused(await ask('/sso/A-MAIN/login'), 'connection_not_found')
  assertRefused(await ask(`/sso/${'a'.repeat(64)}/login`), 'connection_not_found')
  assertRefused(await ask('/sso/%3Cscript%3E/login'), 'connection_not_found')
  assertRefused(await ask('/sso/a-off/login'), 'connection_disabled')
  assertRefused(await ask('/sso/a-main/login?return_to=https://evil.example/'), 'return_to_not_allowed')
  assertRefused(await ask('/sso/a-main/login?return_to=//evil.example'), 'return_to_not_allowed')
  assertRefused(await ask('/sso/a-main/login?return_to=/a&return_to=/b'), 'request_invalid')
  assertRefused(await ask('/sso/a-main/login?return_to=%E4'), 'request_invalid')
  assertRefused(await ask('/sso/%E4/login'), 'request_invalid')
  assert.equal((await ask('/sso/a-main/login', { method: 'HEAD' })).status, 405)
})

test('every path names the methods it answers', async (t) => {
  const { ask, post } = await serveCompanies(t)
  const wrong: readonly [string, string, string][] = [
    ['PUT', '/sso/a-main/acs', 'GET, POST'],
    ['POST', '/sso/a-main/login', 'GET'],
    ['DELETE', '/account', 'GET, HEAD'],
    ['PUT', '/logout', 'GET, POST'],
    ['GET', '/find', 'POST'],
    ['POST', '/', 'GET, HEAD'],
    ['OPTIONS', '/.well-known/jwks.json', 'GET, HEAD'],
  ]
  for (const [method, path, allow] of wrong) {
    const answer = await ask(path, { method, headers: { 'content-type': 'application/json' } })
    assertRefused(answer, 'method_not_allowed')
    assert.equal(answer.headers.allow, allow, path)
  }
  assertRefused(await post('/nothing', {}), 'not_found')
  assertRefused(await ask('/nothing', { method: 'PUT' }), 'not_found')
})

test('forms are forms, of a size', async (t) => {
  const { post, ask } = await serveCompanies(t)
  for (const path of ['/find', '/sso/a-main/acs']) {
    const json = { headers: { 'content-type': 'application/json' } }
    assertRefused(await post(path, '{}', json), 'content_type_unsupported')
    assertRefused(
      await post(path, 'a', { headers: { 'content-type': 'multipart/form-data' } }),
      'content_type_unsupported',
    )
    assertRefused(await post(path, `organization=${'x'.repeat(512 * 1024)}`), 'request_too_large')
    assertRefused(await post(path, '&'.repeat(100)), 'request_invalid')
  }
  assertRefused(await post('/find', 'organization=%zz'), 'request_invalid')
  assertRefused(await post('/find', 'organization=a&organization=b'), 'request_invalid')
  assert.equal((await ask('/signed-out')).status, 200)
})

test('metadata describes us to this connection’s identity provider, also when it is switched off', async (t) => {
  const { ask } = await serveCompanies(t)
  for (const id of ['a-main', 'a-off']) {
    const answer = await ask(`/sso/${id}/metadata`)
    assert.equal(answer.status, 200)
    assertSafe(answer)
    assert.match(String(answer.headers['content-type']), /^application\/samlmetadata\+xml/)
    assert.match(answer.text, new RegExp(`entityID="${publicUrl}/sso/${id}/metadata"`))
    assert.match(answer.text, new RegExp(`Location="${publicUrl}/sso/${id}/acs"`))
  }
  assertRefused(await ask('/sso/nobody/metadata'), 'connection_not_found')
})

test('metadata asks for what is mapped, and is signed where that is asked for', async (t) => {
  const { ask } = await serveCompanies(t)
  const plain = (await ask('/sso/a-main/metadata')).text
  assert.match(plain, /<md:RequestedAttribute FriendlyName="mail" Name="urn:oid:0\.9\.2342\.19200300\.100\.1\.3"/)
  assert.match(plain, new RegExp(`SingleLogoutService [^>]*Location="${publicUrl}/sso/a-main/logout"`))
  assert.match(plain, / cacheDuration="PT14400S"/)
  assert.doesNotMatch(plain, /validUntil|ds:Signature/)
  const signed = (await ask('/sso/a-main/metadata?signed=1')).text
  assert.match(signed, / ID="_[0-9a-f]{32}" [^>]*validUntil="[^"]*Z"><ds:Signature /)
})

test('jwks.json holds the public key and nothing else of it', async (t) => {
  const { ask } = await serveCompanies(t)
  const answer = await ask('/.well-known/jwks.json')
  const { keys } = JSON.parse(answer.text)
  assert.deepEqual(Object.keys(keys[0]).sort(), ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'])
  assert.equal(answer.headers['cache-control'], 'public, max-age=300')
})

test('enter begins a sign-in when the application has one connection', async (t) => {
  const { ask } = await serveCompanies(t)
  const url = redirectOf(await ask(entry('benefits', { return_to: 'https://benefits.example/plans/7?x=1' })))
  assert.equal(url.origin, 'https://idp.example')
})

test('enter hands a live session over with a code that opens the address once, for this browser', async (t) => {
  const { ask, signIn, directory, a } = await serveCompanies(t)
  const cookie = await signIn(a)
  const returnTo = 'https://benefits.example/plans/7?x=1'
  const url = redirectOf(await ask(entry('benefits', { return_to: returnTo }), { headers: { cookie } }))
  assert.equal(url.origin + url.pathname, 'https://benefits.example/.latchkey/enter')
  const redeem = {
    codeHash: sha256(url.searchParams.get('code') ?? ''),
    applicationId: 'benefits',
    browserHash,
    session: { id: '01a1fd3b-5dac-7175-9cca-eeaadd3b1a0b', tokenHash: sha256('token') },
    now: new Date(),
  }
  assert.equal(await directory.redeemHandoff({ ...redeem, browserHash: 'b'.repeat(64) }), undefined)
  const again = redirectOf(await ask(entry('benefits', { return_to: returnTo }), { headers: { cookie } }))
  const codeHash = sha256(again.searchParams.get('code') ?? '')
  assert.equal((await directory.redeemHandoff({ ...redeem, codeHash }))?.returnTo, returnTo)
  assert.equal(await directory.redeemHandoff({ ...redeem, codeHash }), undefined)
})

test('enter takes no session of a connection that the application does not list', async (t) => {
  const { ask, signIn, p } = await serveCompanies(t)
  const cookie = await signIn(p)
  assert.equal(redirectOf(await ask(entry('benefits'), { headers: { cookie } })).origin, 'https://idp.example')
})

test('enter lists the connections of one organization', async (t) => {
  const { ask } = await serveCompanies(t)
  const answer = await ask(entry('wiki', { return_to: 'https://wiki.example/"><script>' }))
  assert.equal(answer.status, 200)
  assertSafe(answer)
  assert.match(answer.text, /<h1>Sign in to Wiki &amp; more<\/h1>/)
  assert.match(answer.text, />P staff<\/a>/)
  assert.match(answer.text, />P &lt;partners&gt;<\/a>/)
  assert.doesNotMatch(answer.text, /<script/)
  const chosen = /href="https:\/\/login\.example(\/applications[^"]+p-partners)"/.exec(answer.text)?.[1] ?? ''
  assert.equal(redirectOf(await ask(chosen.replaceAll('&amp;', '&'))).origin, 'https://idp.example')
})

test('enter names no customer when connections of several organizations lead in, but asks', async (t) => {
  const { ask, post } = await serveCompanies(t)
  const answer = await ask(entry('shared', { return_to: 'https://shared.example/x?y=1' }))
  assert.equal(answer.status, 200)
  assert.doesNotMatch(answer.text, /a-main|p-staff|Company|P staff/)
  const hidden = [...answer.text.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)]
  const fields = Object.fromEntries(hidden.map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]))
  const found = redirectOf(await post('/find', { ...fields, organization: ' COMPANY  a ' }))
  assert.equal(found.searchParams.get('connection'), 'a-main')
  assert.equal(found.searchParams.get('return_to'), 'https://shared.example/x?y=1')
  assert.equal(redirectOf(await ask(found.pathname + found.search)).origin, 'https://idp.example')
})

test('enter refuses what it does not know', async (t) => {
  const { ask, post } = await serveCompanies(t)
  assertRefused(await ask(entry('nothing')), 'application_not_found')
  assertRefused(await ask('/applications/benefits/enter'), 'request_invalid')
  assertRefused(await ask('/applications/benefits/enter?browser=abc'), 'request_invalid')
  assertRefused(await ask(entry('benefits', { return_to: 'https://wiki.example/' })), 'return_to_not_allowed')
  assertRefused(await ask(entry('benefits', { return_to: `${publicUrl}/account` })), 'return_to_not_allowed')
  assertRefused(await ask(entry('benefits', { connection: 'p-staff' })), 'connection_not_found')
  assertRefused(await ask(entry('shared', { connection: 'nobody' })), 'connection_not_found')
  const form = { organization: 'company-a', application: 'benefits', browser: browserHash }
  assertRefused(await post('/find', { ...form, return_to: '//evil.example' }), 'return_to_not_allowed')
  assertRefused(await post('/find', { ...form, application: 'nothing' }), 'application_not_found')
  assertRefused(await post('/find', { ...form, browser: '"><script>' }), 'request_invalid')
})

const findings: readonly [string, string][] = [
  ['a-main', '/sso/a-main/login'],
  ['Company A', '/sso/a-main/login'],
  ['company-a', '/sso/a-main/login'],
  ['somebody@A.example', '/sso/a-main/login'],
  ['P STAFF', '/sso/p-staff/login'],
]
test('find leads to the one connection that a name or an address means', async (t) => {
  const { post } = await serveCompanies(t)
  for (const [organization, path] of findings) {
    assert.equal(redirectOf(await post('/find', { organization })).pathname, path, organization)
  }
})

test('find offers the connections of an organization that has several', async (t) => {
  const { post } = await serveCompanies(t)
  const answer = await post('/find', { organization: 'company p & söhne' })
  assert.equal(answer.status, 200)
  assert.match(answer.text, /href="https:\/\/login\.example\/sso\/p-staff\/login"/)
  assert.match(answer.text, /href="https:\/\/login\.example\/sso\/p-partners\/login"/)
})

test('find does not know what is switched off, elsewhere, unknown or empty, and repeats nothing', async (t) => {
  const { post } = await serveCompanies(t)
  const unknown = ['a-off', 'x@b.example', '@', '<script>alert(1)</script>', 'company', '%', 'x'.repeat(5000)]
  for (const organization of unknown) {
    const answer = await post('/find', { organization })
    assert.equal(answer.status, 404, organization)
    assert.match(answer.text, /role="alert"/)
    assert.doesNotMatch(answer.text, /<script|b\.example|xxxx/)
  }
  assert.equal((await post('/find', { organization: '  ' })).status, 400)
  const elsewhere = { application: 'benefits', browser: browserHash, organization: 'p-staff' }
  assert.equal((await post('/find', elsewhere)).status, 404)
})

test('account shows who is signed in, and leads to the sign-in who is not', async (t) => {
  const { ask, signIn, a } = await serveCompanies(t)
  const cookie = await signIn(a, ['cn=<Staff>', 'Engineering'])
  const answer = await ask('/account', { headers: { cookie } })
  assert.equal(answer.status, 200)
  assertSafe(answer)
  assert.match(answer.text, /Company A/)
  assert.match(answer.text, /<li>agent<\/li>/)
  assert.match(answer.text, /<li>Engineering<\/li><li>cn=&lt;Staff&gt;<\/li>/)
  assert.match(answer.text, /href="https:\/\/benefits\.example">Benefits</)
  assert.doesNotMatch(answer.text, /Wiki/)
  for (const other of ['', '__Host-latchkey=', `__Host-latchkey=${'x'.repeat(43)}`, '__Host-latchkey=%zz; x']) {
    assert.equal(redirectOf(await ask('/account', { headers: { cookie: other } })).pathname, '/', other)
  }
})

test('the start page asks for the organization and says who is signed in', async (t) => {
  const { ask, signIn, a } = await serveCompanies(t)
  const stranger = await ask('/')
  assert.match(stranger.text, /<label for="organization">/)
  assert.doesNotMatch(stranger.text, /Company|a-main/)
  assert.match((await ask('/', { headers: { cookie: await signIn(a) } })).text, /You are signed in as /)
})

async function assertSessionEnds({ ask, signIn, a }: Served & { a: Parameters<Served['signIn']>[0] }, method: string) {
  const cookie = await signIn(a)
  assert.equal((await ask('/account', { headers: { cookie } })).status, 200)
  const answer = await ask('/logout', { method, headers: { cookie } })
  assert.match(redirectOf(answer).href, /^https:\/\/login\.example\/signed-out\?request=_[0-9a-f]{40}$/)
  assert.deepEqual(answer.setCookies, ['__Host-latchkey=; Max-Age=0; Path=/; HttpOnly; Secure; SameSite=Lax'])
  assert.equal((await ask('/account', { headers: { cookie } })).status, 303)
}

test('logout ends the session at once, by link and by form', async (t) => {
  const served = await serveCompanies(t)
  await assertSessionEnds(served, 'GET')
  await assertSessionEnds(served, 'POST')
  assert.equal((await served.ask('/logout')).status, 303)
})

test('logout leads back to an application, and ends nothing when the address is not one', async (t) => {
  const { ask, signIn, a } = await serveCompanies(t)
  const cookie = await signIn(a)
  assertRefused(await ask('/logout?return_to=https://evil.example', { headers: { cookie } }), 'return_to_not_allowed')
  assert.equal((await ask('/account', { headers: { cookie } })).status, 200)
  const answer = await ask('/logout?return_to=https://benefits.example/bye', { headers: { cookie } })
  assert.equal(redirectOf(answer).href, 'https://benefits.example/bye')
})

test('the stylesheet is found under its hash and may be kept for ever', async (t) => {
  const { ask } = await serveCompanies(t)
  const page = await ask('/signed-out')
  const path = /href="https:\/\/login\.example(\/assets\/latchkey-[0-9a-f]{16}\.css)"/.exec(page.text)?.[1] ?? ''
  const answer = await ask(path)
  assert.equal(answer.status, 200)
  assert.equal(answer.headers['content-type'], 'text/css; charset=utf-8')
  assert.equal(answer.headers['cache-control'], 'public, max-age=31536000, immutable')
  assertRefused(await ask('/assets/latchkey-0000000000000000.css'), 'not_found')
  assertRefused(await ask('/assets/../package.json'), 'not_found')
})

test('no refusal repeats what was sent', async (t) => {
  const { ask, post } = await serveCompanies(t)
  const mark = 'zzmarkzz'
  const answers = [
    await ask(`/${mark}?${mark}=<script>${mark}</script>`),
    await ask(`/sso/a-main/login?return_to=${mark}`),
    await ask('/', { host: `${mark}.example` }),
    await ask(entry(mark)),
    await post('/find', { organization: mark }),
    await post('/sso/a-main/acs', { SAMLRequest: mark }),
    await ask('/logout', { method: 'PATCH', headers: { [mark]: mark } }),
  ]
  for (const answer of answers) {
    assert.ok(answer.status >= 400)
    assert.doesNotMatch(answer.text, new RegExp(mark))
  }
})
