import assert from 'node:assert/strict'
import { generateKeyPairSync, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import type { Connection } from '../../src/directory/connection.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { createSignInQueue } from '../../src/sign-in/sign-in-queue.ts'
import { newArtifact } from '../../src/test-identity-provider/artifact.ts'
import { createTestIdentityProvider, type IssueOptions } from '../../src/test-identity-provider/identity-provider.ts'
import { newEvent } from '../store/samples.ts'
import { assertRefused, redirectOf } from './support/assert-answer.ts'
import { publicUrl, type Served, serve } from './support/serve.ts'

const ada = {
  nameId: 'ada',
  attributes: { uid: 'ada', mail: 'ada@a.example', cn: 'Ada Lovelace', sn: 'Lovelace', givenName: 'Ada' },
}

/** A server that trusts an identity provider of the test, over a connection that accepts IdP-initiated sign-ins too. */
async function serveWithIdentityProvider(...[t, more]: Parameters<typeof serve>) {
  const served = await serve(t, more)
  const idp = await createTestIdentityProvider({ baseUrl: 'https://idp.example' })
  await served.addOrganization('company-a', 'Company A')
  const added = await served.addConnection('company-a', 'a-main', { settings: { allowIdpInitiated: true } })
  const connection: Connection = {
    ...added,
    identityProvider: { ...added.identityProvider, entityId: idp.entityId, signingCertificates: [idp.certificate] },
  }
  await served.directory.updateConnection(connection, newEvent())
  await served.addApplication('benefits', ['a-main'], 'Benefits')
  const issue = (more: Partial<IssueOptions> = {}) =>
    idp.issueResponse({ serviceProvider: serviceAddresses(connection, publicUrl), person: ada, ...more }).samlResponse
  const listAccounts = () => served.directory.listAccounts('company-a', { limit: 10 })
  return { ...served, idp, issue, listAccounts }
}

/** Begins at an address of ours; gives the request's ID and the browser's cookie. */
async function begin({ ask }: Served, path: string) {
  const answer = await ask(path)
  const message = redirectOf(answer).searchParams.get('SAMLRequest') ?? ''
  const id = / ID="([^"]+)"/.exec(inflateRawSync(Buffer.from(message, 'base64')).toString())?.[1] ?? ''
  return { id, cookie: answer.setCookies[0]?.split(';', 1)[0] ?? '' }
}

test('a response that answers a request of this browser opens a session and leads to the address asked for', async (t) => {
  const served = await serveWithIdentityProvider(t)
  const { id, cookie } = await begin(served, '/sso/a-main/login?return_to=/account?deep=1')
  const answer = await served.post(
    '/sso/a-main/acs',
    { SAMLResponse: served.issue({ inResponseTo: id }) },
    { headers: { cookie } },
  )
  assert.equal(redirectOf(answer).href, `${publicUrl}/account?deep=1`)
  const [session = ''] = answer.setCookies
  assert.match(session, /^__Host-latchkey=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
  const account = await served.ask('/account', { headers: { cookie: session.split(';', 1)[0] } })
  assert.match(account.text, /<h1>Ada Lovelace<\/h1>/)
  assert.equal((await served.listAccounts()).length, 1)
  const metrics = await served.ask('/metrics')
  assert.match(metrics.text, /^latchkey_sign_ins_total\{outcome="accepted",code=""\} 1$/m)
  assert.doesNotMatch(served.log.join('') + metrics.text, /Lovelace|a\.example|deep/i)
})

test('what is encrypted with the certificate that our metadata publishes opens a session', async (t) => {
  const served = await serveWithIdentityProvider(t)
  const { text: metadata } = await served.ask('/sso/a-main/metadata')
  const [, published = ''] = /use="encryption">.*?<ds:X509Certificate>([^<]+)/.exec(metadata) ?? []
  const { publicKey } = new X509Certificate(Buffer.from(published, 'base64'))
  const sent = served.issue({ encrypt: { publicKey } })
  assert.ok(!Buffer.from(sent, 'base64').includes('Lovelace'))
  const answer = await served.post('/sso/a-main/acs', { SAMLResponse: sent })
  assert.match(answer.setCookies[0] ?? '', /^__Host-latchkey=/)
  assert.equal((await served.listAccounts()).length, 1)
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const refused = await served.post('/sso/a-main/acs', {
    SAMLResponse: served.issue({ encrypt: { publicKey: stranger.publicKey } }),
  })
  assertRefused(refused, 'saml_decryption_failed')
})

test('a sign-in that began at an application ends with a code for that application', async (t) => {
  const served = await serveWithIdentityProvider(t)
  const path = `/applications/benefits/enter?browser=${'a'.repeat(64)}&return_to=https://benefits.example/plans`
  const { id, cookie } = await begin(served, path)
  const answer = await served.post(
    '/sso/a-main/acs',
    { SAMLResponse: served.issue({ inResponseTo: id }) },
    { headers: { cookie } },
  )
  assert.match(redirectOf(answer).href, /^https:\/\/benefits\.example\/\.latchkey\/enter\?code=[\w-]{43}$/)
})

test('RelayState of a sign-in begun at the identity provider leads to an address of ours, and to nothing else', async (t) => {
  const { post, issue } = await serveWithIdentityProvider(t)
  const lead = async (RelayState: string) =>
    redirectOf(await post('/sso/a-main/acs', { SAMLResponse: issue(), RelayState })).href
  assert.equal(await lead('https://benefits.example/plans?x=1'), 'https://benefits.example/plans?x=1')
  assert.equal(await lead('/account'), `${publicUrl}/account`)
  for (const bad of ['https://evil.example/', '//evil.example', 'javascript:alert(1)', '']) {
    assert.equal(await lead(bad), 'https://benefits.example/', bad)
  }
})

test('a response in another browser, or in none, is refused and opens nothing', async (t) => {
  const served = await serveWithIdentityProvider(t)
  const { id } = await begin(served, '/sso/a-main/login')
  const SAMLResponse = served.issue({ inResponseTo: id })
  for (const cookie of ['', `__Host-latchkey-browser=${'x'.repeat(43)}`, '__Host-latchkey-browser=short']) {
    const answer = await served.post('/sso/a-main/acs', { SAMLResponse }, { headers: { cookie } })
    assertRefused(answer, 'login_request_other_browser')
    assert.match(answer.text, /href="https:\/\/login\.example\/sso\/a-main\/login">Try again</)
  }
  assert.deepEqual(await served.listAccounts(), [])
})

test('a refusal shows the reference under which administrators find the attempt, and nothing of the check', async (t) => {
  const { post, issue, directory, ask } = await serveWithIdentityProvider(t)
  const answer = await post('/sso/a-main/acs', { SAMLResponse: issue({ audience: 'https://other.example' }) })
  assertRefused(answer, 'saml_audience_mismatch')
  assert.doesNotMatch(answer.text, /other\.example|Audience/)
  const reference = /Reference<\/dt><dd><code>([^<]+)/.exec(answer.text)?.[1] ?? ''
  const attempt = await directory.findAttempt(reference)
  assert.equal(attempt?.code, 'saml_audience_mismatch')
  assert.match(
    (await ask('/metrics')).text,
    /latchkey_sign_ins_total\{outcome="refused",code="saml_audience_mismatch"\} 1/,
  )
})

test('the same response is accepted once', async (t) => {
  const { post, issue } = await serveWithIdentityProvider(t)
  const SAMLResponse = issue()
  assert.equal((await post('/sso/a-main/acs', { SAMLResponse })).status, 303)
  assertRefused(await post('/sso/a-main/acs', { SAMLResponse }), 'assertion_replayed')
})

test('what is no response is refused by name', async (t) => {
  const { ask, post, listAccounts, issue } = await serveWithIdentityProvider(t)
  const acs = (body: Record<string, string> | string) => post('/sso/a-main/acs', body)
  assertRefused(await acs({}), 'request_invalid')
  assertRefused(await acs({ SAMLResponse: '' }), 'request_invalid')
  assertRefused(await acs({ SAMLRequest: 'x' }), 'request_invalid')
  assertRefused(await acs('SAMLResponse=a&SAMLResponse=a'), 'request_invalid')
  assertRefused(await acs(`SAMLResponse=${encodeURIComponent(issue())}&RelayState=a&RelayState=b`), 'request_invalid')
  assertRefused(await acs('SAMLResponse=%'), 'request_invalid')
  assertRefused(await acs({ SAMLResponse: 'not base64!' }), 'saml_malformed')
  assertRefused(await acs({ SAMLResponse: Buffer.from('<a/>').toString('base64') }), 'saml_structure_invalid')
  assertRefused(await acs({ SAMLResponse: Buffer.alloc(300 * 1024, 'a').toString('base64') }), 'saml_too_large')
  assertRefused(await post('/sso/nobody/acs', { SAMLResponse: issue() }), 'connection_not_found')
  assertRefused(await acs({ SAMLResponse: issue(), SAMLart: 'AAQ=' }), 'request_invalid')
  assertRefused(await acs({ SAMLart: '' }), 'request_invalid')
  assertRefused(await acs({ SAMLart: 'AAQ=' }), 'saml_artifact_not_allowed')
  assertRefused(await ask('/sso/a-main/acs'), 'request_invalid')
  assertRefused(await ask('/sso/a-main/acs?SAMLart=AAQ%3D'), 'saml_artifact_not_allowed')
  assertRefused(await ask(`/sso/a-main/acs?SAMLResponse=${encodeURIComponent(issue())}`), 'request_invalid')
  assertRefused(await ask('/sso/nobody/acs?SAMLart=AAQ%3D'), 'connection_not_found')
  assert.equal((await ask('/sso/a-main/acs?SAMLart=AAQ%3D', { method: 'HEAD' })).status, 405)
  assert.deepEqual(await listAccounts(), [])
})

test('when the queue is full, a sign-in is told to try again, nothing is written, and posting the same form again works', async (t) => {
  const signInQueue = createSignInQueue({ atOnce: 1, waiting: 0, nowMs: () => 0 })
  const served = await serveWithIdentityProvider(t, { signInQueue })
  let end = (): void => undefined
  const occupied = new Promise<void>((resolve) => {
    end = resolve
  })
  const held = signInQueue.admit({ bytes: 0, hasLeft: () => false }, () => occupied)

  const form = { SAMLResponse: served.issue(), RelayState: '/account' }
  const page = await served.post('/sso/a-main/acs', form)
  assertRefused(page, 'sign_in_queue_full')
  assert.match(String(page.headers['retry-after']), /^[1-9]\d?$/)
  assert.match(String(page.headers['content-security-policy']), /form-action 'self' https:;/)
  assert.match(page.text, /<form method="post" action="https:\/\/login\.example\/sso\/a-main\/acs">/)
  const fields = [...page.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
  assert.deepEqual(Object.fromEntries(fields.map(([, name, value]) => [name, value])), form)
  const forProgram = await served.post('/sso/a-main/acs', form, { accept: 'application/json' })
  assert.equal(JSON.parse(forProgram.text).error, 'sign_in_queue_full')
  assertRefused(await served.ask('/sso/a-main/login'), 'sign_in_queue_full')
  assert.deepEqual(await served.listAccounts(), [])
  assert.deepEqual(await served.directory.listAttempts({ organizationId: 'company-a', limit: 10 }), [])

  end()
  await held
  const answer = await served.post('/sso/a-main/acs', form)
  assert.equal(redirectOf(answer).href, `${publicUrl}/account`)
  assert.equal((await served.listAccounts()).length, 1)
})

test('when the queue is full, an artifact stays unused for the next try', async (t) => {
  const signInQueue = createSignInQueue({ atOnce: 1, waiting: 0, nowMs: () => 0 })
  let asked = 0
  const askIdentityProvider = async () => {
    asked += 1
    return Buffer.from('no answer')
  }
  const served = await serveWithIdentityProvider(t, { signInQueue, askIdentityProvider })
  const connection = await served.directory.findConnection('a-main')
  assert.ok(connection)
  const artifactResolutionServices = [{ index: 0, location: 'https://idp.example/artifact' }]
  const identityProvider = { ...connection.identityProvider, artifactResolutionServices }
  const settings = { ...connection.settings, responseBinding: 'artifact' as const }
  await served.directory.updateConnection({ ...connection, identityProvider, settings }, newEvent())
  let end = (): void => undefined
  const occupied = new Promise<void>((resolve) => {
    end = resolve
  })
  const held = signInQueue.admit({ bytes: 0, hasLeft: () => false }, () => occupied)
  const SAMLart = newArtifact(identityProvider.entityId)
  const query = new URLSearchParams({ SAMLart, RelayState: '/account' })
  for (const page of [
    await served.ask(`/sso/a-main/acs?${query}`),
    await served.post('/sso/a-main/acs', Object.fromEntries(query)),
  ]) {
    assertRefused(page, 'sign_in_queue_full')
    assert.match(page.text, /<form method="post" action="https:\/\/login\.example\/sso\/a-main\/acs">/)
    const fields = [...page.text.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)]
    assert.deepEqual(Object.fromEntries(fields.map(([, name, value]) => [name, value])), Object.fromEntries(query))
  }
  assert.equal(asked, 0)
  end()
  await held
  assertRefused(await served.post('/sso/a-main/acs', Object.fromEntries(query)), 'saml_malformed')
  assert.equal(asked, 1)
})

test('who is denied reads why and whom to ask, as an administrator wrote it, and nothing else of the check', async (t) => {
  const served = await serveWithIdentityProvider(t)
  const connection = await served.directory.findConnection('a-main')
  assert.ok(connection)
  const conditions = [
    { name: 'nobody', verdict: 'deny' as const, message: 'Ask <b>first</b>.', contact: 'help@b.example' },
  ]
  await served.directory.updateConnection(
    { ...connection, settings: { ...connection.settings, conditions } },
    newEvent(),
  )
  const page = await served.post(
    '/sso/a-main/acs',
    { SAMLResponse: served.issue() },
    { headers: { accept: 'text/html' } },
  )
  assert.equal(page.status, 403)
  assert.match(page.text, /Ask &lt;b&gt;first&lt;\/b&gt;\./)
  assert.match(page.text, /<dt>Contact<\/dt><dd>help@b\.example<\/dd>/)
  assert.match(page.text, /sign_in_denied/)
  assert.doesNotMatch(page.text, /nobody/)
  const answer = await served.post(
    '/sso/a-main/acs',
    { SAMLResponse: served.issue() },
    { headers: { accept: 'application/json' } },
  )
  const { reference: _reference, ...body } = JSON.parse(answer.text) as Record<string, unknown>
  assert.deepEqual(body, {
    error: 'sign_in_denied',
    message: 'You may not sign in here.',
    explanation: 'Ask <b>first</b>.',
    contact: 'help@b.example',
    fix: 'service-provider',
  })
  assert.equal((await served.listAccounts()).length, 0)
})
