import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { deflateRawSync } from 'node:zlib'
import { SAML } from '@node-saml/node-saml'
import { createWebVisitor, type Form, formsOf, type Page } from '../../src/demo/web-visitor.ts'
import { writeSelfSignedCertificate } from '../../src/keys/self-signed-certificate.ts'
import { type AuthnRequestOptions, buildAuthnRequest, newRequestId } from '../../src/saml/authn-request.ts'
import { readMetadata } from '../../src/saml/metadata/read-metadata.ts'
import { postFields, redirectUrl } from '../../src/saml/send-request.ts'
import { type RunningTestIdentityProvider, startTestIdentityProvider } from '../../src/test-identity-provider/server.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'

const now = new Date()
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const certificate = writeSelfSignedCertificate({
  privateKey,
  commonName: 'sp',
  notBefore: now,
  notAfter: new Date(now.getTime() + 86_400_000),
  randomBytes,
}).toString('base64')
const benefits = {
  entityId: 'https://latchkey.example/sso/company-a/metadata',
  acsUrl: 'https://latchkey.example/sso/company-a/acs',
  name: 'Benefits',
  relayState: 'from-the-start-page',
  certificate,
}

let idp: RunningTestIdentityProvider
before(async () => {
  idp = await startTestIdentityProvider({ port: 0, name: 'Company A', serviceProviders: [benefits] })
})
after(() => idp.close())

const id = newRequestId(randomBytes)
const requestTo = (options: Partial<AuthnRequestOptions> = {}) =>
  buildAuthnRequest({
    id,
    issueInstant: now,
    destination: `${idp.url}/sso`,
    issuer: benefits.entityId,
    acsUrl: benefits.acsUrl,
    ...options,
  })
const redirectTo = (xml: string, relayState?: string) => redirectUrl({ location: `${idp.url}/sso`, xml, relayState })

function choose(page: Page, person: string): Form {
  const form = formsOf(page).find(({ fields }) => fields.person === person)
  assert.ok(form, page.body)
  return form
}

/** The form that leads to the service provider. */
function handOver(page: Page): Form {
  const form = formsOf(page).find(({ fields }) => fields.SAMLResponse !== undefined)
  assert.ok(form, page.body)
  assert.equal(form.action, benefits.acsUrl)
  return form
}

async function profileOf(form: Form, options: object = {}) {
  const saml = new SAML({
    idpCert: idp.provider.certificate,
    issuer: benefits.entityId,
    callbackUrl: benefits.acsUrl,
    audience: benefits.entityId,
    idpIssuer: idp.entityId,
    wantAuthnResponseSigned: false,
    wantAssertionsSigned: true,
    ...options,
  })
  const { profile } = await saml.validatePostResponseAsync({ SAMLResponse: form.fields.SAMLResponse ?? '' })
  assert.ok(profile)
  return profile
}

const xmlOf = (form: Form) => Buffer.from(form.fields.SAMLResponse ?? '', 'base64').toString('utf8')

test('a redirected request, one click on a person, and the response is ready to be posted', async () => {
  const visitor = createWebVisitor()
  const asked = await visitor.open(redirectTo(requestTo(), 'relay&state'))
  assert.match(asked.body, /continue to <strong>Benefits<\/strong>/)
  const form = handOver(await visitor.submit(choose(asked, 'nina'), asked))
  assert.equal(form.fields.RelayState, 'relay&state')
  const profile = await profileOf(form)
  assert.equal(profile.inResponseTo, id)
  assert.equal(profile.nameIDFormat, 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent')
  assert.equal(profile.mail, 'nina.newcomer@company-a.example')
  assert.equal(profile.role, 'employee')
  assert.deepEqual(profile.groups, ['all-staff', 'finance'])
  assert.equal(profile['account-expiry-time'], undefined)
})

test('whoever is signed in is not asked again, unless the request forces it', async () => {
  const visitor = createWebVisitor()
  const start = await visitor.open(idp.url)
  const home = await visitor.submit(choose(start, 'paul'), start)
  assert.match(home.body, /Hello, Paul/)
  const first = handOver(await visitor.open(redirectTo(requestTo())))
  const second = handOver(await visitor.open(redirectTo(requestTo())))
  const sessionIndex = (await profileOf(first)).sessionIndex
  assert.equal((await profileOf(second)).sessionIndex, sessionIndex)
  const forced = await visitor.open(redirectTo(requestTo({ forceAuthn: true })))
  assert.ok(choose(forced, 'paul'))
})

test('a posted request finds the person signed in, although a cross-site post brings no cookie', async () => {
  const visitor = createWebVisitor()
  const start = await visitor.open(idp.url)
  await visitor.submit(choose(start, 'ada'), start)
  const fields = { ...postFields({ id, xml: requestTo() }), RelayState: 'r' }
  const from = { ...start, url: new URL('http://latchkey.localhost/') }
  const form = handOver(await visitor.submit({ method: 'POST', action: `${idp.url}/sso`, fields }, from))
  assert.equal(form.fields.RelayState, 'r')
  assert.equal((await profileOf(form)).uid, 'ada.admin')
})

test('the link on the start page sends an unsolicited response', async () => {
  const visitor = createWebVisitor()
  const start = await visitor.open(idp.url)
  const home = await visitor.submit(choose(start, 'nina'), start)
  const [, link = ''] = /class="link" href="(\/launch[^"]*)"/.exec(home.body) ?? []
  const form = handOver(await visitor.open(new URL(link.replaceAll('&amp;', '&'), idp.url).href))
  assert.equal(form.fields.RelayState, 'from-the-start-page')
  assert.doesNotMatch(xmlOf(form), /InResponseTo/)
  assert.equal((await profileOf(form)).uid, 'nina.newcomer')
})

test('a changed title and role are in the next response', async () => {
  const visitor = createWebVisitor()
  const page = await visitor.open(`${idp.url}/people/carl`)
  const [form] = formsOf(page)
  assert.ok(form)
  await visitor.submit(
    { ...form, fields: { ...form.fields, title: 'Lead <Consultant>', roles: 'contractor, lead' } },
    page,
  )
  const asked = await visitor.open(redirectTo(requestTo()))
  const profile = await profileOf(handOver(await visitor.submit(choose(asked, 'carl'), asked)))
  assert.equal(profile.title, 'Lead <Consultant>')
  assert.deepEqual(profile.role, ['contractor', 'lead'])
  assert.equal(profile.groups, 'contractors')
  assert.ok(Date.parse(String(profile['account-expiry-time'])) > Date.now())
})

test('the switch decides what is signed', async () => {
  const visitor = createWebVisitor()
  const start = await visitor.open(idp.url)
  const home = await visitor.submit(choose(start, 'nina'), start)
  const settings = formsOf(home).find(({ action }) => action === '/settings')
  assert.ok(settings)
  assert.equal(settings.fields.sign, 'assertion')
  for (const sign of ['response', 'both', 'assertion'] as const) {
    await visitor.submit({ ...settings, fields: { sign } }, home)
    const form = handOver(await visitor.open(redirectTo(requestTo())))
    await profileOf(form, { wantAuthnResponseSigned: sign !== 'assertion', wantAssertionsSigned: sign !== 'response' })
    assert.equal(xmlOf(form).split('<ds:Signature ').length - 1, sign === 'both' ? 2 : 1)
  }
})

test('signing out asks for the person again', async () => {
  const visitor = createWebVisitor()
  const start = await visitor.open(idp.url)
  const home = await visitor.submit(choose(start, 'nina'), start)
  const signOut = formsOf(home).find(({ action }) => action === '/sign-out')
  assert.ok(signOut)
  assert.match((await visitor.submit(signOut, home)).body, /Who are you\?/)
})

const formats = {
  'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress': 'nina.newcomer@company-a.example',
  'urn:oasis:names:tc:SAML:2.0:nameid-format:transient': /^_[0-9a-f]{32}$/,
}
for (const [nameIdFormat, wanted] of Object.entries(formats)) {
  test(`the NameID has the format that was asked for: ${nameIdFormat}`, async () => {
    const visitor = createWebVisitor()
    const asked = await visitor.open(redirectTo(requestTo({ nameIdFormat })))
    const profile = await profileOf(handOver(await visitor.submit(choose(asked, 'nina'), asked)))
    assert.equal(profile.nameIDFormat, nameIdFormat)
    if (wanted instanceof RegExp) assert.match(profile.nameID, wanted)
    else assert.equal(profile.nameID, wanted)
  })
}

test('a NameID format nobody has, and a passive request of a stranger, are answered with a status', async () => {
  const visitor = createWebVisitor()
  const passive = requestTo().replace(' ID=', ' IsPassive="true" ID=')
  assert.match(xmlOf(handOver(await visitor.open(redirectTo(passive)))), /status:NoPassive/)
  const asked = await visitor.open(redirectTo(requestTo({ nameIdFormat: 'urn:unknown' })))
  const form = handOver(await visitor.submit(choose(asked, 'nina'), asked))
  assert.match(xmlOf(form), /status:InvalidNameIDPolicy/)
  assert.doesNotMatch(xmlOf(form), /Assertion/)
})

const refusedRequests: Readonly<Record<string, () => string>> = {
  'of a service provider nobody knows': () => redirectTo(requestTo({ issuer: 'https://evil.example' })),
  'that wants the response elsewhere': () => redirectTo(requestTo({ acsUrl: 'https://evil.example/acs' })),
  'meant for another identity provider': () => redirectTo(requestTo({ destination: 'https://other.example/sso' })),
  'that is missing': () => `${idp.url}/sso`,
  'that is not deflated': () => `${idp.url}/sso?SAMLRequest=AAAA`,
  'that inflates to more than 64 KB': () => {
    const bomb = deflateRawSync(Buffer.alloc(10_000_000, 0x20)).toString('base64')
    return `${idp.url}/sso?SAMLRequest=${encodeURIComponent(bomb)}`
  },
  'with a document type': () => redirectTo(`<!DOCTYPE a>${requestTo()}`),
  'that is another message': () => redirectTo(requestTo().replaceAll('AuthnRequest', 'LogoutRequest')),
  'signed with another key': () => {
    const { privateKey: key } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    return redirectUrl({ location: `${idp.url}/sso`, xml: requestTo(), sign: { key } })
  },
  'changed after it was signed': () => {
    const url = redirectUrl({
      location: `${idp.url}/sso`,
      xml: requestTo(),
      relayState: 'a',
      sign: { key: privateKey },
    })
    return url.replace('RelayState=a', 'RelayState=b')
  },
}
for (const [what, url] of Object.entries(refusedRequests)) {
  test(`a request ${what} is refused`, async () => {
    const page = await createWebVisitor().open(url())
    assert.equal(page.status, 400)
    assert.match(page.body, /Code: request_invalid/)
    assert.deepEqual(formsOf(page), [])
  })
}

test('where signed requests are wanted, only a signed one is taken, and the metadata says so', async () => {
  const strict = await startTestIdentityProvider({
    port: 0,
    name: 'Company A',
    serviceProviders: [benefits],
    wantAuthnRequestsSigned: true,
  })
  try {
    const metadata = readMetadata(strict.metadata(), { now })
    assert.equal(metadata.wantAuthnRequestsSigned, true)
    assert.deepEqual(metadata.singleSignOnServices, [{ binding: 'redirect', location: `${strict.url}/sso` }])
    const location = `${strict.url}/sso`
    const xml = requestTo({ destination: location })
    const visitor = createWebVisitor()
    assert.equal((await visitor.open(redirectUrl({ location, xml, sign: { key: privateKey } }))).status, 200)
    assert.equal((await visitor.open(redirectUrl({ location, xml }))).status, 400)
  } finally {
    await strict.close()
  }
})

test('the metadata it serves names both bindings and its certificate', async () => {
  const page = await createWebVisitor().open(`${idp.url}/metadata`)
  assert.equal(page.headers['content-type'], 'application/samlmetadata+xml')
  assert.deepEqual(readMetadata(page.body, { now }), {
    entityId: `${idp.url}/metadata`,
    singleSignOnServices: [
      { binding: 'redirect', location: `${idp.url}/sso` },
      { binding: 'post', location: `${idp.url}/sso` },
    ],
    singleLogoutServices: [
      { binding: 'redirect', location: `${idp.url}/slo` },
      { binding: 'post', location: `${idp.url}/slo` },
    ],
    artifactResolutionServices: [{ index: 0, location: `${idp.url}/artifact`, isDefault: true }],
    signingCertificates: [idp.provider.certificate],
    wantAuthnRequestsSigned: false,
    nameIdFormats: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
  })
})

test('forms of its own are not taken from another site, and wrong values change nothing', async () => {
  const post = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${idp.url}${path}`, {
      method: 'POST',
      body,
      redirect: 'manual',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })
  const before = JSON.stringify(idp.people())
  const foreign = await post('/people/nina', 'title=Boss', { 'sec-fetch-site': 'cross-site' })
  const expiry = await post('/people/nina', 'accountExpiryTime=tomorrow')
  const nobody = await post('/people/nobody', 'title=Boss')
  assert.deepEqual([foreign.status, expiry.status, nobody.status], [400, 400, 404])
  assert.equal(JSON.stringify(idp.people()), before)
})

test('key, people and settings survive a restart, in a file that only its owner can read', async () => {
  const dataDirectory = makeTemporaryFolder('idp')
  const start = () =>
    startTestIdentityProvider({ port: 0, name: 'Company A', publicUrl: 'http://a.localhost', dataDirectory })
  try {
    const first = await start()
    first.changePerson('nina', { title: 'Analyst' })
    first.changeSettings({ sign: 'both', encrypt: 'always' })
    await first.close()
    const second = await start()
    await second.close()
    assert.equal(second.metadata(), first.metadata())
    assert.deepEqual(second.people(), first.people())
    assert.equal(second.people()[0]?.title, 'Analyst')
    const file = join(dataDirectory, 'test-identity-provider.json')
    const { sign, encrypt } = JSON.parse(readFileSync(file, 'utf8'))
    assert.deepEqual([sign, encrypt], ['both', 'always'])
    assert.equal(statSync(file).mode & 0o777, 0o600)
  } finally {
    rmSync(dataDirectory, { recursive: true })
  }
})

test('a busy port is said by its code', async () => {
  const port = Number(new URL(idp.url).port)
  await assert.rejects(startTestIdentityProvider({ port, name: 'Company B' }), { code: 'port_in_use' })
})
