import assert from 'node:assert/strict'
import { createSecretKey, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import {
  decodeResponse,
  isLatchkeyError,
  LatchkeyError,
  openArtifactResponse,
  readArtifact,
  readMetadata,
  receiveLogoutForm,
  receiveLogoutRedirect,
  type TrustSettings,
  verifyLogoutRequest,
  verifyResponse,
} from '../../src/saml/index.ts'
import { createTestIdentityProvider, type IssueOptions } from '../../src/test-identity-provider/identity-provider.ts'

// Whoever calls from JavaScript, or hands on what a form or a file said, has no types.

const now = new Date('2026-06-01T12:00:00Z')
const serviceProvider = { entityId: 'https://benefits.example/metadata', acsUrl: 'https://benefits.example/acs' }
const idp = await createTestIdentityProvider({ baseUrl: 'https://idp.example', now: () => now })
const key = new X509Certificate(Buffer.from(idp.certificate, 'base64')).publicKey
const trust: TrustSettings = {
  identityProviderEntityId: idp.entityId,
  serviceProviderEntityId: serviceProvider.entityId,
  acsUrl: serviceProvider.acsUrl,
  signingKeys: [{ key, fingerprint: 'idp' }],
  allowIdpInitiated: true,
}

function verify(settings: Record<string, unknown>, at: unknown = now, issued: Partial<IssueOptions> = {}) {
  const { samlResponse } = idp.issueResponse({ serviceProvider, person: { nameId: 'nina' }, ...issued })
  return verifyResponse(decodeResponse(samlResponse), { ...trust, ...settings } as TrustSettings, at as Date)
}

const settings: readonly (readonly [name: string, value: unknown])[] = [
  ...['identityProviderEntityId', 'serviceProviderEntityId', 'acsUrl'].flatMap((name) =>
    [undefined, null, '', 5, ['x'], {}].map((value) => [name, value] as const),
  ),
  ...[
    'wantAssertionsSigned',
    'wantResponseSigned',
    'wantAssertionsEncrypted',
    'allowIdpInitiated',
    'dangerouslyAllowSha1',
    'dangerouslyAllowWeakKeys',
  ].flatMap((name) => ['true', 'false', 1, 0, null].map((value) => [name, value] as const)),
  ...['clockSkewSeconds', 'maxAuthnAgeSeconds', 'maxUnsolicitedAgeSeconds'].flatMap((name) =>
    ['60', Number.NaN, -1, null].map((value) => [name, value] as const),
  ),
  ...[undefined, null, 'x', {}, [null], [{}], [key], [{ key: idp.certificate }]].map(
    (value) => ['signingKeys', value] as const,
  ),
  ...[null, 'x', {}, [null], ['pem']].map((value) => ['decryptionKeys', value] as const),
  ...[null, 'x', [], {}, { classRefs: 'x' }, { classRefs: ['x'], order: 'x' }].map(
    (value) => ['requestedAuthnContext', value] as const,
  ),
  ...[null, 5, {}].map((value) => ['nameIdFormat', value] as const),
]

test('verifyResponse() refuses a setting of another kind, by its name', () => {
  assert.equal(verify({}).nameId?.value, 'nina')
  for (const [name, value] of settings) {
    assert.throws(
      () => verify({ [name]: value }),
      (error: { code?: string; detail?: { check?: string } }) => {
        assert.deepEqual([error.code, error.detail?.check], ['configuration_invalid', name], String(value))
        return true
      },
    )
  }
})

test('verifyResponse() without an ACS address does not take a message that names none for ours', () => {
  const beforeSigning = {
    assertion: (xml: string) => xml.replace(/ Recipient="[^"]*"/, ''),
    response: (xml: string) => xml.replace(/ Destination="[^"]*"/, ''),
  }
  assert.throws(() => verify({ acsUrl: undefined }, now, { beforeSigning }), { code: 'configuration_invalid' })
})

test('what is thrown can be recognized by what the folder itself exports', () => {
  assert.throws(
    () => decodeResponse('!'),
    (error) => isLatchkeyError(error, 'saml_malformed') && error instanceof LatchkeyError && error.detail.check !== '',
  )
})

test('verifyResponse() wants a time, settings and a decoded response', () => {
  for (const at of [null, '2026-06-01T12:00:00Z', now.getTime(), { getTime: () => now.getTime() }, new Date('x')]) {
    assert.throws(() => verify({}, at), { code: 'configuration_invalid' })
  }
  const response = decodeResponse(idp.issueResponse({ serviceProvider, person: { nameId: 'nina' } }).samlResponse)
  assert.throws(() => verifyResponse(response, undefined as never, now), { code: 'configuration_invalid' })
  for (const other of [undefined, null, 'x', {}, { bytes: response.xml }, { bytes: new Uint8Array(response.bytes) }]) {
    assert.throws(() => verifyResponse(other as never, trust, now), { code: 'configuration_invalid' })
  }
})

test('no setting of another kind is repeated in a refusal: it may be a secret', () => {
  const wanted = 'a list of { key, fingerprint } with KeyObjects of node:crypto'
  assert.throws(() => verify({ signingKeys: 'secret' }), {
    detail: { check: 'signingKeys', wanted, arrived: 'a value of type string' },
  })
  assert.throws(() => verify({ signingKeys: [{ key: createSecretKey(Buffer.alloc(32)), fingerprint: 'x' }] }), {
    code: 'saml_signature_invalid',
  })
})

const fields = [
  undefined,
  null,
  5,
  true,
  {},
  [],
  ['PA==', 'PA=='],
  ['a', 'b', 'c', 'd'],
  Buffer.from('PGEvPg=='),
  Symbol('x'),
]

test('a form field that is not one text is malformed', () => {
  for (const field of fields) {
    assert.throws(() => decodeResponse(field as never), { code: 'saml_malformed' })
    assert.throws(() => readArtifact(field as never, 'https://idp.example'), { code: 'saml_artifact_malformed' })
    if (field === undefined) continue
    assert.throws(() => receiveLogoutForm({ SAMLRequest: field as never }), { code: 'saml_malformed' })
    const message = { SAMLRequest: 'PGEvPg==', RelayState: field as never }
    assert.throws(() => receiveLogoutForm(message), { code: 'saml_logout_parameters_invalid' })
    assert.throws(() => receiveLogoutRedirect(field as never), { code: 'saml_logout_parameters_invalid' })
  }
})

test('logout messages and artifacts want their settings too', () => {
  const message = receiveLogoutForm({ SAMLRequest: Buffer.from('<a/>').toString('base64') })
  const code = 'configuration_invalid'
  assert.throws(() => verifyLogoutRequest(message, { ...trust, logoutUrl: undefined as never }, now), { code })
  assert.throws(() => openArtifactResponse(Buffer.from('<a/>'), '_1', { ...trust, signingKeys: undefined as never }), {
    code,
  })
})

test('readMetadata() wants a text and a time', () => {
  for (const text of fields) {
    assert.throws(() => readMetadata(text as never, { now }), { code: 'metadata_malformed' })
  }
  for (const options of [undefined, null, {}, { now: 'x' }, { now: 5 }, { now: new Date('x') }]) {
    assert.throws(() => readMetadata('<a/>', options as never), { code: 'configuration_invalid' })
  }
})

test('readMetadata() refuses options of another kind: a switch that is a text would be on', () => {
  const options: readonly (readonly [name: string, value: unknown])[] = [
    ...['dangerouslyAllowHttp', 'dangerouslyAllowWeakKeys'].flatMap((name) =>
      ['false', 0, null].map((value) => [name, value] as const),
    ),
    ...[null, 5, {}].map((value) => ['entityId', value] as const),
    ...[null, 5, {}, '', 'junk', 'AAAA', idp.certificate.slice(0, 200)].map(
      (value) => ['signingCertificate', value] as const,
    ),
  ]
  for (const [name, value] of options) {
    assert.throws(
      () => readMetadata('<a/>', { now, [name]: value }),
      (error: { code?: string; detail?: { check?: string } }) => {
        assert.deepEqual([error.code, error.detail?.check], ['configuration_invalid', name], String(value))
        return true
      },
    )
  }
})
