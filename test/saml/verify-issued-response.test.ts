import assert from 'node:assert/strict'
import { createHash, X509Certificate } from 'node:crypto'
import { before, test } from 'node:test'
import { SignedXml } from 'xml-crypto'
import { decodeResponse, type TrustSettings, verifyResponse } from '../../src/saml/index.ts'
import {
  createTestIdentityProvider,
  type IssueOptions,
  type TestIdentityProvider,
} from '../../src/test-identity-provider/identity-provider.ts'

const now = new Date('2026-06-01T12:00:00Z')
const serviceProvider = { entityId: 'https://benefits.example/metadata', acsUrl: 'https://benefits.example/acs' }
const awkward = 'Zo\u00eb "\u039f\'\u039c\u03ac\u03c1\u03b1" <&> ]]> \u{1F511}\r\n\tend'
const person = { nameId: 'nina-7f3a', attributes: { cn: awkward, groups: ['staff', 'new, hires'] } }

let rsa: TestIdentityProvider
let ecdsa: TestIdentityProvider
before(async () => {
  const options = { baseUrl: 'https://idp.example', now: () => now }
  rsa = await createTestIdentityProvider(options)
  ecdsa = await createTestIdentityProvider({ ...options, keyKind: 'ecdsa' })
})

const fingerprintOf = (provider: TestIdentityProvider) =>
  createHash('sha256').update(Buffer.from(provider.certificate, 'base64')).digest('hex')

function trustIn(provider: TestIdentityProvider): TrustSettings {
  const { publicKey } = new X509Certificate(Buffer.from(provider.certificate, 'base64'))
  return {
    identityProviderEntityId: provider.entityId,
    serviceProviderEntityId: serviceProvider.entityId,
    acsUrl: serviceProvider.acsUrl,
    signingKeys: [{ key: publicKey, fingerprint: fingerprintOf(provider) }],
  }
}

function verify(provider: TestIdentityProvider, options: Partial<IssueOptions>, trust = trustIn(provider)) {
  const { samlResponse } = provider.issueResponse({ serviceProvider, person, inResponseTo: '_r', ...options })
  return verifyResponse(decodeResponse(samlResponse), trust, now)
}

for (const sign of ['assertion', 'response', 'both'] as const) {
  test(`verifyResponse() reads a response signed as "${sign}", every character intact`, () => {
    for (const provider of [rsa, ecdsa]) {
      const assertion = verify(provider, { sign })
      assert.equal(assertion.nameId?.value, person.nameId)
      assert.deepEqual(
        assertion.attributes.map(({ values }) => values),
        [[awkward], ['staff', 'new, hires']],
      )
      assert.equal(assertion.signed.assertion ?? assertion.signed.response, fingerprintOf(provider))
    }
  })
}

test('verifyResponse() names the certificate of a message that no configured key signed', () => {
  assert.throws(() => verify(ecdsa, {}, { ...trustIn(rsa), identityProviderEntityId: ecdsa.entityId }), {
    code: 'saml_signature_invalid',
    detail: {
      check: 'SignatureValue',
      wanted: `a signature by one of the certificates ${fingerprintOf(rsa)}`,
      arrived: `a signature that names the certificate ${fingerprintOf(ecdsa)}`,
      advice:
        'If the identity provider has a new signing certificate, let us read its metadata again: latchkey connection refresh, or connection set --metadata where it was given as a file.',
    },
  })
})

test('verifyResponse() refuses settings that would make every time valid', () => {
  for (const clockSkewSeconds of [-1, 301, Number.NaN, Number.POSITIVE_INFINITY]) {
    assert.throws(() => verify(rsa, {}, { ...trustIn(rsa), clockSkewSeconds }), { code: 'configuration_invalid' })
  }
  const { samlResponse } = rsa.issueResponse({ serviceProvider, person })
  assert.throws(() => verifyResponse(decodeResponse(samlResponse), trustIn(rsa), new Date(Number.NaN)), {
    code: 'configuration_invalid',
  })
})

test('verifyResponse() trusts nobody when no key is configured', () => {
  assert.throws(() => verify(rsa, {}, { ...trustIn(rsa), signingKeys: [] }), { code: 'saml_signature_invalid' })
})

test('what verifyResponse() returns says nothing where nothing arrived', () => {
  const assertion = verify(rsa, { sessionIndex: null })
  assert.ok(!('sessionIndex' in assertion))
  assert.ok(!('sessionNotOnOrAfter' in assertion))
  assert.deepEqual(Object.keys(assertion.signed), ['assertion'])
})

const withFormat = (format: string) => ({
  assertion: (xml: string) => xml.replace('<saml:Issuer>', `<saml:Issuer Format="urn:oasis:names:tc:SAML:${format}">`),
})

test('verifyResponse() takes an issuer whose format is unspecified, and none that says it is something else', () => {
  const issued = (format: string) => ({ beforeSigning: withFormat(format) })
  assert.equal(verify(rsa, issued('2.0:nameid-format:entity')).issuer, rsa.entityId)
  assert.equal(verify(rsa, issued('1.1:nameid-format:unspecified')).issuer, rsa.entityId)
  for (const format of ['1.1:nameid-format:X509SubjectName', '2.0:nameid-format:persistent']) {
    refuses(() => verify(rsa, issued(format)), 'saml_issuer_mismatch', 'Assertion/Issuer/Format')
  }
})

test('verifyResponse() takes a signed Response that names no issuer, since its assertion does', () => {
  const beforeSigning = { response: (xml: string) => xml.replace(/<saml:Issuer[^>]*>[^<]*<\/saml:Issuer>/, '') }
  const { xml } = rsa.issueResponse({ serviceProvider, person, inResponseTo: '_r', sign: 'assertion', beforeSigning })
  const signer = new SignedXml({
    privateKey: rsa.key.privateKey.export({ type: 'pkcs8', format: 'pem' }),
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    idAttribute: 'ID',
  })
  signer.addReference({
    xpath: '/*',
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
  })
  signer.computeSignature(xml, { location: { reference: '/*', action: 'prepend' } })
  const field = Buffer.from(signer.getSignedXml()).toString('base64')
  const assertion = verifyResponse(decodeResponse(field), { ...trustIn(rsa), wantResponseSigned: true }, now)
  assert.equal(assertion.issuer, rsa.entityId)
})

test('verifyResponse() refuses a subject that is named in a way SAML does not know', () => {
  for (const other of ['<x:NameID xmlns:x="urn:x">eve</x:NameID>', '<saml:Name>eve</saml:Name>']) {
    const before = { assertion: (xml: string) => xml.replace('<saml:Subject>', `<saml:Subject>${other}`) }
    refuses(() => verify(rsa, { beforeSigning: before }), 'saml_structure_invalid', 'Subject')
  }
})

function refuses(run: () => unknown, code: string, check: string): void {
  assert.throws(run, (error: { code?: string; detail?: { check?: string } }) => {
    assert.deepEqual([error.code, error.detail?.check], [code, check])
    return true
  })
}
