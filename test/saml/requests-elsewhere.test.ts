import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { IdentityProvider, ServiceProvider, setSchemaValidator } from 'samlify'
import { writeSelfSignedCertificate } from '../../src/keys/self-signed-certificate.ts'
import { buildAuthnRequest, newRequestId } from '../../src/saml/authn-request.ts'
import { buildLogoutRequest, buildLogoutResponse } from '../../src/saml/logout/build-logout.ts'
import { writeServiceProviderMetadata } from '../../src/saml/metadata/write-service-provider-metadata.ts'
import { postFields, postResponseFields, redirectUrl } from '../../src/saml/send-request.ts'
import { writeIdentityProviderMetadata } from '../../src/test-identity-provider/metadata.ts'

// samlify as the identity provider: it has our metadata, and what it verifies was written by us.
setSchemaValidator({ validate: async () => 'skipped: no schema at hand' })

const now = new Date()
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const signingCertificate = writeSelfSignedCertificate({
  privateKey,
  commonName: 'Latchkey',
  notBefore: now,
  notAfter: new Date(now.getTime() + 86_400_000),
  randomBytes,
}).toString('base64')

const ours = { entityId: 'https://latchkey.example/sso/a/metadata', acsUrl: 'https://latchkey.example/sso/a/acs' }
const metadata = writeServiceProviderMetadata({
  ...ours,
  logoutUrl: 'https://latchkey.example/sso/a/logout',
  signingCertificate,
  nameIdFormats: [],
  wantAssertionsSigned: true,
  authnRequestsSigned: true,
})
const provider = { entityId: 'https://idp.example', baseUrl: 'https://idp.example', certificate: signingCertificate }
const theirs = IdentityProvider({
  metadata: writeIdentityProviderMetadata(provider, { wantAuthnRequestsSigned: true }),
})
const id = newRequestId(randomBytes)
const xml = buildAuthnRequest({
  id,
  issueInstant: now,
  destination: 'https://idp.example/sso',
  issuer: ours.entityId,
  acsUrl: ours.acsUrl,
})
const sign = { key: privateKey }

const logoutOptions = { id, issueInstant: now, destination: 'https://idp.example/slo', issuer: ours.entityId }
const logoutRequest = buildLogoutRequest({
  ...logoutOptions,
  nameId: { value: 'nina & co', format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', spNameQualifier: 'q' },
  sessionIndex: 's<1',
  notOnOrAfter: new Date(now.getTime() + 300_000),
})
const logoutResponse = buildLogoutResponse({ ...logoutOptions, inResponseTo: '_theirs', status: 'success' })

async function readRedirect(url: string) {
  const { searchParams } = new URL(url)
  const octetString = /SAMLRequest=.*(?=&Signature=)/.exec(url)?.[0] ?? ''
  const request = { query: Object.fromEntries(searchParams), octetString }
  return theirs.parseLoginRequest(ServiceProvider({ metadata }), 'redirect', request)
}

async function readPost(SAMLRequest: string) {
  return theirs.parseLoginRequest(ServiceProvider({ metadata }), 'post', { body: { SAMLRequest } })
}

test('another identity provider verifies and reads a request we signed for HTTP-Redirect', async () => {
  const url = redirectUrl({ location: 'https://idp.example/sso?tenant=1', xml, relayState: 'r', sign })
  const { extract } = await readRedirect(url)
  assert.equal(extract.request?.id, id)
  assert.equal(extract.issuer, ours.entityId)
  await assert.rejects(readRedirect(url.replace('RelayState=r', 'RelayState=s')), /VERIF.*SIGNATURE|SIGNATURE_VERIF/)
})

test('another identity provider verifies and reads a request we signed for HTTP-POST', async () => {
  const { SAMLRequest } = postFields({ id, xml, sign })
  const { extract } = await readPost(SAMLRequest)
  assert.equal(extract.request?.id, id)
  assert.equal(extract.request?.assertionConsumerServiceUrl, ours.acsUrl)
  const changed = Buffer.from(SAMLRequest, 'base64').toString().replace('/sso/a/acs', '/sso/b/acs')
  await assert.rejects(readPost(Buffer.from(changed).toString('base64')), /VERIF.*SIGNATURE|SIGNATURE_VERIF/)
})

test('another identity provider verifies and reads a LogoutRequest of ours, by redirect and by form', async () => {
  const url = redirectUrl({ location: 'https://idp.example/slo', xml: logoutRequest, relayState: 'r', sign })
  const octetString = /SAMLRequest=.*(?=&Signature=)/.exec(url)?.[0] ?? ''
  const query = Object.fromEntries(new URL(url).searchParams)
  const sp = ServiceProvider({ metadata })
  const strict = IdentityProvider({ metadata: theirs.entityMeta.getMetadata(), wantLogoutRequestSigned: true })
  const byRedirect = await strict.parseLogoutRequest(sp, 'redirect', { query, octetString })
  const body = postFields({ id, xml: logoutRequest, sign })
  const byForm = await strict.parseLogoutRequest(sp, 'post', { body })
  for (const { extract } of [byRedirect, byForm]) {
    assert.equal(extract.request?.id, id)
    assert.equal(extract.nameID, 'nina & co')
    assert.equal(extract.sessionIndex, 's<1')
    assert.equal(extract.issuer, ours.entityId)
  }
  const changed = Buffer.from(body.SAMLRequest, 'base64').toString().replace('nina', 'otto')
  const forged = { body: { SAMLRequest: Buffer.from(changed).toString('base64') } }
  await assert.rejects(strict.parseLogoutRequest(sp, 'post', forged), /SIGNATURE/)
})

test('another identity provider verifies and reads a LogoutResponse of ours, by redirect and by form', async () => {
  const location = 'https://idp.example/slo'
  const url = redirectUrl({ location, as: 'SAMLResponse', xml: logoutResponse, relayState: 'r'.repeat(200), sign })
  const octetString = /SAMLResponse=.*(?=&Signature=)/.exec(url)?.[0] ?? ''
  const query = Object.fromEntries(new URL(url).searchParams)
  const sp = ServiceProvider({ metadata })
  const strict = IdentityProvider({ metadata: theirs.entityMeta.getMetadata(), wantLogoutResponseSigned: true })
  const body = postResponseFields({ id, xml: logoutResponse, sign })
  const byRedirect = await strict.parseLogoutResponse(sp, 'redirect', { query, octetString })
  const byForm = await strict.parseLogoutResponse(sp, 'post', { body })
  for (const { extract } of [byRedirect, byForm]) assert.equal(extract.response?.inResponseTo, '_theirs')
})
