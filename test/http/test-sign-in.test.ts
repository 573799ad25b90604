import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { runCommand } from '../../src/admin/commands.ts'
import type { TestInvitation } from '../../src/admin/invite-test.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { LatchkeyError } from '../../src/errors.ts'
import { createTestIdentityProvider, type IssueOptions } from '../../src/test-identity-provider/identity-provider.ts'
import { newEvent } from '../store/samples.ts'
import { assertRefused, redirectOf } from './support/assert-answer.ts'
import { type Ask, publicUrl, type Served, serve } from './support/serve.ts'

const ada = { nameId: 'ada', attributes: { uid: 'ada', title: 'Countess', groups: ['staff'] } }

async function serveForTests(t: Parameters<typeof serve>[0]) {
  const served = await serve(t)
  const idp = await createTestIdentityProvider({ baseUrl: 'https://idp.example' })
  await served.addOrganization('company-a', 'Company A')
  const added = await served.addConnection('company-a', 'a-main')
  const identityProvider = { ...added.identityProvider, entityId: idp.entityId, signingCertificates: [idp.certificate] }
  const connection = { ...added, identityProvider }
  await served.directory.updateConnection(connection, newEvent())
  await served.addApplication('benefits', ['a-main'], 'Benefits')
  const issue = (more: Partial<IssueOptions>) =>
    idp.issueResponse({ serviceProvider: serviceAddresses(connection, publicUrl), person: ada, ...more }).samlResponse
  return { ...served, issue, address: await invite(served) }
}

async function invite({ deps }: Served): Promise<string> {
  const { directory, now, newId, randomBytes, identityHeaders } = deps
  const fetchMetadata = async () => {
    throw new LatchkeyError('metadata_unreachable')
  }
  const administration = { ...{ directory, now, newId, randomBytes, identityHeaders, publicUrl }, fetchMetadata }
  const secret = () => Buffer.alloc(32)
  const invited = await runCommand('connection.invite', { id: 'a-main' }, {
    ...administration,
    secret,
    actor: 'cli',
  } as never)
  return (invited as TestInvitation).address.slice(publicUrl.length)
}

/** Presses the button of the page; gives the request's ID and the browser's cookie. */
async function begin({ post }: Served, address: string, ask: Ask = {}) {
  const { pathname, searchParams } = new URL(address, publicUrl)
  const answer = await post(pathname, { code: searchParams.get('code') ?? '' }, ask)
  const message = redirectOf(answer).searchParams.get('SAMLRequest') ?? ''
  const id = / ID="([^"]+)"/.exec(inflateRawSync(Buffer.from(message, 'base64')).toString())?.[1] ?? ''
  return { id, cookie: answer.setCookies[0]?.split(';', 1)[0] ?? '' }
}

test('demand 11: a live test shows the person what their sign-in would do; there is no account, no session, only the trace', async (t) => {
  const served = await serveForTests(t)
  const page = await served.ask(served.address)
  assert.equal(page.status, 200)
  assert.match(page.text, /Begin the test/)
  const { id, cookie } = await begin(served, served.address)
  assert.match(id, /^_test-[0-9a-f]{40}$/)
  const answer = await served.post(
    '/sso/a-main/acs',
    { SAMLResponse: served.issue({ inResponseTo: id }) },
    { headers: { cookie } },
  )
  assert.equal(answer.status, 200)
  assert.deepEqual(answer.setCookies, [])
  for (const words of [
    /The sign-in would succeed/,
    /you are not signed in/,
    /Countess \(from title\)/,
    /group staff/,
    /Remote-User/,
  ]) {
    assert.match(answer.text, words)
  }
  assert.deepEqual(await served.directory.listAccounts('company-a', { limit: 10 }), [])
  const reference = /<code>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})<\/code>/.exec(answer.text)?.[1] ?? ''
  const attempt = await served.directory.findAttempt(reference)
  assert.deepEqual(
    [attempt?.outcome, attempt?.accountId, attempt?.trace.at(-1)?.notes?.test],
    ['accepted', undefined, true],
  )
  // The same answer again opens nothing either.
  const again = await served.post(
    '/sso/a-main/acs',
    { SAMLResponse: served.issue({ inResponseTo: id }) },
    { headers: { cookie } },
  )
  assert.deepEqual([again.status, again.setCookies], [200, []])
})

test('demand 10: a test that is refused says code, check, wanted, arrived and who must act to the browser that tests', async (t) => {
  const served = await serveForTests(t)
  const { id, cookie } = await begin(served, served.address)
  const SAMLResponse = served.issue({ inResponseTo: id, audience: 'urn:other' })
  const answer = await served.post('/sso/a-main/acs', { SAMLResponse }, { headers: { cookie } })
  assert.equal(answer.status, 403)
  for (const words of [
    /saml_audience_mismatch/,
    /urn:other/,
    /a-main\/metadata/,
    /The administrators of the identity provider/,
  ]) {
    assert.match(answer.text, words)
  }
  // Another browser reads no more than anybody.
  const elsewhere = await served.post('/sso/a-main/acs', { SAMLResponse })
  assertRefused(elsewhere, 'saml_audience_mismatch')
  assert.doesNotMatch(elsewhere.text, /urn:other/)
})

test('the address of a test counts once, for its own connection, until it runs out', async (t) => {
  const served = await serveForTests(t)
  await served.addConnection('company-a', 'b-main')
  const code = new URL(served.address, publicUrl).searchParams.get('code') ?? ''
  assertRefused(await served.post('/sso/b-main/test', { code }), 'test_sign_in_unknown')
  assertRefused(await served.ask(`/sso/b-main/test?code=${code}`), 'test_sign_in_unknown')
  await begin(served, served.address)
  assertRefused(await served.post('/sso/a-main/test', { code }), 'test_sign_in_unknown')
  assertRefused(await served.ask(served.address), 'test_sign_in_unknown')
})

test('a request to test, answered in another browser, is refused and tells nothing', async (t) => {
  const served = await serveForTests(t)
  const { id } = await begin(served, served.address)
  const answer = await served.post('/sso/a-main/acs', { SAMLResponse: served.issue({ inResponseTo: id }) })
  assertRefused(answer, 'login_request_other_browser')
  assert.doesNotMatch(answer.text, /Countess/)
})
