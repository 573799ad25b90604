import assert from 'node:assert/strict'
import { createHmac, generateKeyPairSync, sign, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { createTestIdentityProvider } from '../../../src/test-identity-provider/identity-provider.ts'
import { identityProvider, issue, now, person, refusalOf, serviceProvider, trust, verify } from './good-message.ts'

// Algorithms, keys, identifiers and namespaces exchanged for others, in messages that are good otherwise.

const { xml: good, assertionId } = issue()
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const encryption = 'http://www.w3.org/2001/04/xmlenc#'

test('another signature algorithm than the one that was signed with is refused', () => {
  const swapped = (uri: string) => refusalOf(good.replace(`${more}rsa-sha256`, uri)).code
  for (const name of ['rsa-sha384', 'rsa-sha512', 'ecdsa-sha256'])
    assert.equal(swapped(more + name), 'saml_signature_invalid')
  const notAllowed = [
    `${dsig}rsa-sha1`,
    `${dsig}dsa-sha1`,
    `${dsig}hmac-sha1`,
    `${more}hmac-sha256`,
    `${more}rsa-md5`,
    'http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1',
    `${more}RSA-SHA256`,
    `${more}rsa-sha256 `,
    '',
    'none',
    '__proto__',
    'constructor',
  ]
  for (const uri of notAllowed) assert.equal(swapped(uri), 'saml_signature_algorithm_not_allowed', uri)
})

test('another digest algorithm than the one that was signed is refused', () => {
  const swapped = (uri: string) => refusalOf(good.replace(`${encryption}sha256`, uri)).code
  for (const uri of [`${more}sha384`, `${encryption}sha512`]) assert.equal(swapped(uri), 'saml_signature_invalid')
  for (const uri of [`${dsig}sha1`, `${more}md5`, '', 'sha256']) {
    assert.equal(swapped(uri), 'saml_signature_algorithm_not_allowed', uri)
  }
})

/** Signs the (changed) SignedInfo anew with whatever the attacker has; it is canonical as it stands. */
function resign(xml: string, change: (info: string) => string, signInfo: (info: Buffer) => Buffer): string {
  const [info = ''] = /<ds:SignedInfo>[\s\S]*<\/ds:SignedInfo>/.exec(xml) ?? []
  const changed = change(info)
  const bytes = Buffer.from(changed.replace('<ds:SignedInfo>', `<ds:SignedInfo xmlns:ds="${dsig}">`))
  const value = signInfo(bytes).toString('base64')
  return xml.replace(info, changed).replace(/(<ds:SignatureValue>)[^<]*/, (_match, tag: string) => tag + value)
}

test('resign() makes signatures that are accepted from the right key', () => {
  const { privateKey } = identityProvider.key
  assert.equal(
    verify(
      resign(
        good,
        (info) => info,
        (bytes) => sign('sha256', bytes, privateKey),
      ),
    ).nameId?.value,
    person.nameId,
  )
})

test('HMAC keyed with any form of the public key is refused', () => {
  const { publicKey } = new X509Certificate(Buffer.from(identityProvider.certificate, 'base64'))
  const secrets = [
    publicKey.export({ type: 'spki', format: 'pem' }),
    publicKey.export({ type: 'spki', format: 'der' }),
    Buffer.from(identityProvider.certificate, 'base64'),
    identityProvider.certificate,
    '',
  ]
  for (const secret of secrets) {
    const hmac = (info: Buffer) => createHmac('sha256', secret).update(info).digest()
    const asHmac = resign(good, (info) => info.replace('rsa-sha256', 'hmac-sha256'), hmac)
    assert.equal(refusalOf(asHmac).code, 'saml_signature_algorithm_not_allowed')
    assert.equal(refusalOf(resign(good, (info) => info, hmac)).code, 'saml_signature_invalid')
  }
})

const attacker = await createTestIdentityProvider({
  baseUrl: 'https://evil.example',
  entityId: identityProvider.entityId,
  now: () => now,
})

test("a signature by an attacker's key is refused, whatever KeyInfo says", () => {
  const forged = attacker.issueResponse({ serviceProvider, person, inResponseTo: '_request', sign: 'both' }).xml
  assert.ok(forged.includes(attacker.certificate))
  const rsa = attacker.key.privateKey.export({ format: 'jwk' })
  const keyInfos = [
    '',
    '<ds:KeyInfo></ds:KeyInfo>',
    `<ds:KeyInfo><ds:X509Data><ds:X509Certificate>${identityProvider.certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>`,
    `<ds:KeyInfo><ds:KeyValue><ds:RSAKeyValue><ds:Modulus>${rsa.n}</ds:Modulus><ds:Exponent>AQAB</ds:Exponent></ds:RSAKeyValue></ds:KeyValue></ds:KeyInfo>`,
    '<ds:KeyInfo><ds:RetrievalMethod URI="https://evil.example/key"></ds:RetrievalMethod></ds:KeyInfo>',
    '<ds:KeyInfo><ds:KeyName>idp</ds:KeyName></ds:KeyInfo>',
  ]
  assert.equal(refusalOf(forged).code, 'saml_signature_invalid')
  for (const keyInfo of keyInfos) {
    const xml = forged.replaceAll(/<ds:KeyInfo>[\s\S]*?<\/ds:KeyInfo>/g, keyInfo)
    assert.equal(refusalOf(xml).code, 'saml_signature_invalid', keyInfo)
  }
})

test('without its KeyInfo, a good message is as good', () => {
  assert.equal(verify(good.replaceAll(/<ds:KeyInfo>[\s\S]*?<\/ds:KeyInfo>/g, '')).nameId?.value, person.nameId)
})

test('keys of another kind are never tried as something else', () => {
  const kinds = [
    generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('rsa-pss', { modulusLength: 2048 }),
  ]
  for (const { publicKey: key } of kinds) {
    assert.equal(refusalOf(good, { signingKeys: [{ key, fingerprint: 'x' }] }).code, 'saml_signature_invalid')
    const signingKeys = [{ key, fingerprint: 'x' }, ...trust.signingKeys]
    assert.equal(verify(good, { signingKeys }).nameId?.value, person.nameId)
  }
})

test('xml: attributes outside what is signed change nothing, and inside they break the digest', () => {
  for (const attribute of ['xml:lang="en"', 'xml:space="preserve"', 'xml:base="https://evil.example/"']) {
    const outside = good.replace('<samlp:Response ', `<samlp:Response ${attribute} `)
    assert.equal(verify(outside).nameId?.value, person.nameId, attribute)
    for (const name of ['saml:Assertion', 'saml:Subject', 'saml:NameID']) {
      const inside = good.replace(new RegExp(`<${name}(?=[ >])`), `<${name} ${attribute}`)
      assert.equal(refusalOf(inside).code, 'saml_digest_mismatch', `${name} ${attribute}`)
    }
  }
})

test('an xml:id, or an ID in any spelling, that repeats the signed ID is refused', () => {
  for (const name of ['xml:id', 'ID', 'Id', 'id', 'x:ID', 'x:Id', 'x:id']) {
    const element = `<samlp:Extensions><x:y xmlns:x="urn:x" ${name}="${assertionId}"/></samlp:Extensions>`
    const { code } = refusalOf(good.replace('<samlp:Status>', `${element}<samlp:Status>`))
    assert.equal(code, 'saml_id_invalid', name)
  }
})

test('namespaces: what is declared around the signed element and not used in it changes nothing', () => {
  const around = good.replace(
    '<samlp:Response ',
    '<samlp:Response xmlns:x="urn:x" xmlns="urn:default" xmlns:ds="urn:ds" ',
  )
  assert.equal(verify(around).nameId?.value, person.nameId)
})

test('namespaces: no name can be given another meaning', () => {
  const saml = 'urn:oasis:names:tc:SAML:2.0:assertion'
  const changes: readonly (readonly [name: string, xml: string, code: string])[] = [
    ['the prefix of the assertion', good.replaceAll(saml, `${saml}x`), 'saml_structure_invalid'],
    ['the case of the namespace', good.replaceAll(saml, saml.toUpperCase()), 'saml_structure_invalid'],
    ['the namespace with white space', good.replaceAll(`"${saml}"`, `" ${saml}"`), 'saml_malformed'],
    [
      'the prefix redeclared inside',
      good.replace('<saml:Subject>', '<saml:Subject xmlns:saml="urn:x">'),
      'saml_digest_mismatch',
    ],
    ['the signature of another namespace', good.replaceAll(dsig, 'urn:x'), 'saml_signature_missing'],
    ['the prefix of the response undeclared', good.replace(/ xmlns:samlp="[^"]*"/, ''), 'saml_malformed'],
    [
      'xml bound to another namespace',
      good.replace('<saml:Subject>', '<saml:Subject xmlns:xml="urn:x">'),
      'saml_malformed',
    ],
    ['xmlns declared', good.replace('<saml:Subject>', '<saml:Subject xmlns:xmlns="urn:x">'), 'saml_malformed'],
    [
      'the namespace of xml for another prefix',
      good.replace('<saml:Subject>', '<saml:Subject xmlns:x="http://www.w3.org/XML/1998/namespace">'),
      'saml_malformed',
    ],
    [
      'one attribute by two prefixes',
      good.replace('<saml:Subject>', '<saml:Subject xmlns:a="urn:x" xmlns:b="urn:x" a:c="" b:c="">'),
      'saml_malformed',
    ],
    [
      'an attribute of SAML in its namespace',
      good.replace('<saml:SubjectConfirmation Method', '<saml:SubjectConfirmation saml:Method'),
      'saml_digest_mismatch',
    ],
  ]
  for (const [name, xml, code] of changes) {
    assert.notEqual(xml, good, name)
    assert.equal(refusalOf(xml).code, code, name)
  }
})
