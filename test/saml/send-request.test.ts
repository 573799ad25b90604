import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes, verify } from 'node:crypto'
import { test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import { SignedXml } from 'xml-crypto'
import { buildAuthnRequest, newRequestId } from '../../src/saml/authn-request.ts'
import { postFields, redirectUrl } from '../../src/saml/send-request.ts'

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const location = 'https://idp.company-a.example/sso?tenant=a&x=%20'
const id = newRequestId(() => Buffer.alloc(20, 0xab))
const xml = buildAuthnRequest({
  id,
  issueInstant: new Date('2026-11-21T08:30:15.987Z'),
  destination: location,
  issuer: 'https://latchkey.example/sso/a"b<c>&d/metadata',
  acsUrl: 'https://latchkey.example/sso/a/acs',
  nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
})

test('buildAuthnRequest() writes the request of the web browser profile', () => {
  assert.equal(
    xml,
    '<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"' +
      ' AssertionConsumerServiceURL="https://latchkey.example/sso/a/acs"' +
      ' Destination="https://idp.company-a.example/sso?tenant=a&amp;x=%20"' +
      ' ID="_abababababababababababababababababababab" IssueInstant="2026-11-21T08:30:15Z"' +
      ' ProtocolBinding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Version="2.0">' +
      '<saml:Issuer xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">https://latchkey.example/sso/a"b&lt;c&gt;&amp;d/metadata</saml:Issuer>' +
      '<samlp:NameIDPolicy AllowCreate="true" Format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"></samlp:NameIDPolicy>' +
      '</samlp:AuthnRequest>',
  )
})

test('buildAuthnRequest() asks for a fresh sign-in only when told to', () => {
  const plain = { id, issueInstant: new Date(0), destination: 'd', issuer: 'i', acsUrl: 'a' }
  assert.doesNotMatch(buildAuthnRequest(plain), /ForceAuthn|Format=/)
  assert.match(buildAuthnRequest({ ...plain, forceAuthn: true }), / ForceAuthn="true" /)
})

test('buildAuthnRequest() refuses a character that XML cannot carry', () => {
  const broken = { id, issueInstant: new Date(0), destination: 'd', issuer: 'a\u0000b', acsUrl: 'a' }
  assert.throws(() => buildAuthnRequest(broken), { code: 'input_invalid' })
})

test('newRequestId() is an xs:ID of 160 random bits', () => {
  assert.match(newRequestId(randomBytes), /^_[0-9a-f]{40}$/)
  assert.notEqual(newRequestId(randomBytes), newRequestId(randomBytes))
})

test('redirectUrl() deflates the request and keeps the query of the location', () => {
  const url = new URL(redirectUrl({ location, xml, relayState: 'r&=1' }))
  assert.deepEqual([...url.searchParams.keys()], ['tenant', 'x', 'SAMLRequest', 'RelayState'])
  assert.equal(url.searchParams.get('RelayState'), 'r&=1')
  const deflated = Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')
  assert.equal(inflateRawSync(deflated).toString('utf8'), xml)
})

const locations = [
  ['https://idp.example/sso', 'https://idp.example/sso?SAMLRequest='],
  ['https://idp.example/sso?', 'https://idp.example/sso?SAMLRequest='],
  ['https://idp.example/sso?a=1', 'https://idp.example/sso?a=1&SAMLRequest='],
  ['https://idp.example/sso?a=1&', 'https://idp.example/sso?a=1&SAMLRequest='],
  ['https://idp.example/sso#top', 'https://idp.example/sso?SAMLRequest='],
] as const
for (const [from, to] of locations) {
  test(`redirectUrl() continues ${from}`, () => {
    assert.ok(redirectUrl({ location: from, xml }).startsWith(to))
  })
}

for (const [algorithm, pair] of [
  ['rsa-sha256', rsa],
  ['rsa-sha384', rsa],
  ['rsa-sha512', rsa],
  ['ecdsa-sha256', ec],
  ['ecdsa-sha384', ec],
  ['ecdsa-sha512', ec],
] as const) {
  test(`redirectUrl() signs the octets as they are sent with ${algorithm}`, () => {
    const url = redirectUrl({ location, xml, relayState: "deep 'link' (ö)", sign: { key: pair.privateKey, algorithm } })
    const [, octets = '', signature = ''] = /[?&](SAMLRequest=.*&SigAlg=.*)&Signature=(.*)$/.exec(url) ?? []
    const key = { key: pair.publicKey, dsaEncoding: 'ieee-p1363' } as const
    const value = Buffer.from(decodeURIComponent(signature), 'base64')
    const hash = algorithm.replace(/.*-/, '')
    assert.equal(verify(hash, Buffer.from(octets), key, value), true)
    assert.equal(verify(hash, Buffer.from(octets.replace('deep', 'dead')), key, value), false)
    assert.ok(octets.endsWith(`&SigAlg=${encodeURIComponent(`http://www.w3.org/2001/04/xmldsig-more#${algorithm}`)}`))
  })
}

test('redirectUrl() refuses an algorithm that does not fit the key', () => {
  const sign = { key: ec.privateKey, algorithm: 'rsa-sha256' } as const
  assert.throws(() => redirectUrl({ location, xml, sign }), { code: 'configuration_invalid' })
})

test('redirectUrl() and postFields() refuse a RelayState of more than 80 bytes', () => {
  const relayState = 'ö'.repeat(41)
  assert.throws(() => redirectUrl({ location, xml, relayState }), { code: 'input_invalid' })
  assert.throws(() => postFields({ id, xml, relayState }), { code: 'input_invalid' })
  assert.equal(postFields({ id, xml, relayState: 'ö'.repeat(40) }).RelayState?.length, 40)
})

test('postFields() carries the request unchanged when it is not signed', () => {
  assert.deepEqual(postFields({ id, xml }), { SAMLRequest: Buffer.from(xml).toString('base64') })
})

test('postFields() signs inside the XML, in the eyes of xml-crypto', () => {
  const { SAMLRequest } = postFields({ id, xml, sign: { key: rsa.privateKey } })
  const signed = Buffer.from(SAMLRequest, 'base64').toString('utf8')
  const isValid = (text: string) => {
    const publicCert = rsa.publicKey.export({ type: 'spki', format: 'pem' })
    const check = new SignedXml({ publicCert, getCertFromKeyInfo: () => null })
    check.loadSignature(text.slice(text.indexOf('<ds:Signature '), text.indexOf('</ds:Signature>') + 15))
    return check.checkSignature(text)
  }
  assert.match(signed, /<\/saml:Issuer><ds:Signature /)
  assert.equal(isValid(signed), true)
  assert.equal(isValid(signed.replace('/sso/a/acs', '/sso/b/acs')), false)
})
