import assert from 'node:assert/strict'
import { generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { SignedXml } from 'xml-crypto'
import { isLatchkeyError } from '../../../src/errors.ts'
import { writeSelfSignedCertificate } from '../../../src/keys/self-signed-certificate.ts'
import { saveAsOffered } from '../../../src/saml/metadata/metadata-document.ts'
import { type ReadMetadataOptions, readMetadata } from '../../../src/saml/metadata/read-metadata.ts'
import { writeIdentityProviderMetadata } from '../../../src/test-identity-provider/metadata.ts'

const now = new Date('2026-11-21T08:00:00Z')
const certificateOf = (privateKey: KeyObject) =>
  writeSelfSignedCertificate({ privateKey, commonName: 'idp', notBefore: now, notAfter: now, randomBytes }).toString(
    'base64',
  )
const rsaOf = (modulusLength: number) => certificateOf(generateKeyPairSync('rsa', { modulusLength }).privateKey)
const ecOf = (namedCurve: string) => certificateOf(generateKeyPairSync('ec', { namedCurve }).privateKey)
const rsa = rsaOf(2048)
const ec = ecOf('P-256')

const entityId = 'https://idp.company-a.example/metadata'
const good = writeIdentityProviderMetadata({ entityId, baseUrl: 'https://idp.company-a.example', certificate: rsa })
const read = (text: string, options: Partial<ReadMetadataOptions> = {}) => readMetadata(text, { now, ...options })
const withCertificate = (text: string) => good.replace(rsa, text)
const otherEntity = good.replace(entityId, 'https://other.example/metadata')
const group = (...inside: readonly string[]) =>
  `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata">${inside.join('\n')}</EntitiesDescriptor>`

test('readMetadata() reads entity ID, endpoints, certificates and formats', () => {
  assert.deepEqual(read(good), {
    entityId,
    singleSignOnServices: [
      { binding: 'redirect', location: 'https://idp.company-a.example/sso' },
      { binding: 'post', location: 'https://idp.company-a.example/sso' },
    ],
    signingCertificates: [rsa],
    wantAuthnRequestsSigned: false,
    nameIdFormats: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'],
  })
})

test('readMetadata() keeps the logout endpoints it can use and passes over the others', () => {
  const service = (attributes: string) => `<md:SingleLogoutService ${attributes}/>`
  const binding = (name: string) => `Binding="urn:oasis:names:tc:SAML:2.0:bindings:${name}"`
  const services = [
    service(`${binding('SOAP')} Location="https://idp.company-a.example/soap"`),
    service(`${binding('HTTP-Redirect')} Location="https://idp.company-a.example/slo?a=1&amp;b=2"`),
    service(
      `${binding('HTTP-POST')} Location="https://idp.company-a.example/slo" ResponseLocation="https://a.example/"`,
    ),
    service(`${binding('HTTP-POST')} Location="http://idp.company-a.example/slo"`),
    service(`${binding('HTTP-POST')} Location="https://a.example/" ResponseLocation="javascript:alert(1)"`),
    service('Location="https://idp.company-a.example/no-binding"'),
  ]
  const text = good.replace('<md:NameIDFormat>', `${services.join('')}<md:NameIDFormat>`)
  assert.deepEqual(read(text).singleLogoutServices, [
    { binding: 'redirect', location: 'https://idp.company-a.example/slo?a=1&b=2' },
    { binding: 'post', location: 'https://idp.company-a.example/slo', responseLocation: 'https://a.example/' },
  ])
})

test('readMetadata() keeps every signing certificate of a rollover once, and none for encryption', () => {
  const provider = { entityId, baseUrl: 'https://idp.company-a.example', certificate: rsa }
  const rollover = writeIdentityProviderMetadata(provider, {
    furtherCertificates: [ec, rsa],
    wantAuthnRequestsSigned: true,
  })
  assert.deepEqual(read(rollover).signingCertificates, [rsa, ec])
  assert.equal(read(rollover).wantAuthnRequestsSigned, true)
  assert.deepEqual(read(rollover.replace('use="signing"', 'use="encryption"')).signingCertificates, [ec, rsa])
  assert.deepEqual(read(rollover.replaceAll(' use="signing"', '')).signingCertificates, [rsa, ec])
})

const tolerated: Readonly<Record<string, string>> = {
  'a byte order mark': `\uFEFF${good}`,
  'blank lines before the XML declaration': `\r\n\n  <?xml version="1.0" encoding="UTF-8"?>\n${good}`,
  'comments and processing instructions': `<!-- a --><?style x?>${good.replace('<md:IDP', '<!-- b --><md:IDP')}`,
  'a certificate broken into lines': withCertificate(`\n\t${rsa.replace(/.{64}/g, '$&\r\n')} `),
  'a certificate in PEM armour': withCertificate(`-----BEGIN CERTIFICATE-----\n${rsa}\n-----END CERTIFICATE-----\n`),
  'an endpoint with a binding we do not use': good.replace(
    '<md:SingleSignOnService ',
    '<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:SOAP" Location="x"></md:SingleSignOnService>$&',
  ),
  'further entities that are no identity provider': group(
    '<EntityDescriptor entityID="sp"><SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></EntityDescriptor>',
    good,
  ),
  'a group inside a group': group(group(group(good))),
  'an extension nobody knows': good.replace('<md:IDP', '<x:y xmlns:x="urn:x"><z/></x:y>$&'),
}
for (const [what, text] of Object.entries(tolerated)) {
  test(`readMetadata() takes ${what}`, () => {
    assert.deepEqual(read(text), read(good))
  })
}

test('readMetadata() takes an entity ID that is not a URI', () => {
  assert.equal(read(good.replace(entityId, ' JumpCloud ')).entityId, 'JumpCloud')
})

test('readMetadata() takes http addresses of this machine, others only when told to', () => {
  const at = (origin: string) => good.replaceAll('https://idp.company-a.example/sso', `${origin}/sso`)
  for (const origin of ['http://localhost:5100', 'http://a.localhost', 'http://127.0.0.2:1', 'http://[::1]:5100']) {
    assert.equal(read(at(origin)).singleSignOnServices[0]?.location, `${origin}/sso`)
  }
  for (const origin of ['http://idp.example', 'http://localhost.example', 'http://127.0.0.1.example']) {
    assert.throws(() => read(at(origin)), { code: 'metadata_endpoint_invalid' })
    assert.equal(read(at(origin), { dangerouslyAllowHttp: true }).singleSignOnServices.length, 2)
  }
})

test('readMetadata() finds the entity that was asked for, and lists the entities when none was', () => {
  const both = group(group(otherEntity), good)
  assert.equal(read(both, { entityId }).entityId, entityId)
  assert.equal(read(both, { entityId: 'https://other.example/metadata' }).entityId, 'https://other.example/metadata')
  const listed = `https://other.example/metadata, ${entityId}`
  refuses('metadata_entity_ambiguous', () => read(both), { arrived: listed, at: 'line 2, md:EntityDescriptor' })
  refuses('metadata_entity_not_found', () => read(both, { entityId: 'x' }), {
    wanted: 'x',
    arrived: listed,
    at: 'line 1, EntitiesDescriptor',
  })
  refuses('metadata_entity_ambiguous', () => read(group(good, good), { entityId }))
})

test('readMetadata() says until when metadata counts: the earliest of role, entity and group', () => {
  const end = (text: string, at: string, when: string) => text.replace(at, `${at} validUntil="${when}"`)
  const entity = end(good, '<md:EntityDescriptor', '2027-03-01T00:00:00Z')
  const role = end(entity, '<md:IDPSSODescriptor', '2027-02-01T02:00:00.5+02:00')
  const whole = end(group(entity), '<EntitiesDescriptor', '2027-01-01T00:00:00')
  assert.equal(read(good).validUntil, undefined)
  assert.equal(read(entity).validUntil?.toISOString(), '2027-03-01T00:00:00.000Z')
  assert.equal(read(role).validUntil?.toISOString(), '2027-02-01T00:00:00.500Z')
  assert.equal(read(whole).validUntil?.toISOString(), '2027-01-01T00:00:00.000Z')
  const atTheEnd = new Date('2027-01-01T00:00:00Z')
  refuses('metadata_expired', () => read(whole, { now: atTheEnd }), { arrived: '2027-01-01T00:00:00.000Z' })
  assert.ok(read(whole, { now: new Date(atTheEnd.getTime() - 1) }))
  refuses('metadata_malformed', () => read(entity.replace('2027-03-01T', '2027-03-01 ')), { check: 'validUntil' })
  refuses('metadata_malformed', () => read(entity.replace('2027-03-01', '2027-13-01')), { check: 'validUntil' })
})

function refuses(code: string, run: () => unknown, detail: Readonly<Record<string, string>> = {}): void {
  assert.throws(run, (error) => {
    if (!isLatchkeyError(error)) throw error
    assert.equal(error.code, code)
    for (const [key, value] of Object.entries(detail)) assert.equal(error.detail[key as 'at'], value)
    return true
  })
}

const serviceProviderOnly = good.replaceAll('IDPSSODescriptor', 'SPSSODescriptor')
const broken: Readonly<Record<string, readonly [code: string, text: string, detail?: Record<string, string>]>> = {
  'an empty file': ['metadata_malformed', '', { arrived: 'an empty file' }],
  'a page that is no XML': ['metadata_malformed', 'Sign in to continue', { at: 'line 1' }],
  'XML that ends too early': ['metadata_malformed', good.slice(0, -10)],
  'a web page': [
    'metadata_malformed',
    '<!DOCTYPE html>\n<html><br></html>',
    { at: 'line 1, column 1', advice: saveAsOffered },
  ],
  'a web page without a document type': ['metadata_malformed', '<html>\n<br></html>', { advice: saveAsOffered }],
  'a comment before the XML declaration': [
    'metadata_malformed',
    `<!-- a -->\n<?xml version="1.0"?>${good}`,
    { at: 'line 2, column 1', arrived: 'an XML declaration that does not stand at the very beginning' },
  ],
  'a document type declaration': ['metadata_malformed', `<!DOCTYPE x>${good}`, { at: 'line 1, column 1' }],
  'elements nested without end': ['metadata_too_large', '<a>'.repeat(100)],
  'another document': ['metadata_not_identity_provider', '<html/>', { arrived: 'html of no namespace' }],
  'the metadata of a service provider': [
    'metadata_not_identity_provider',
    serviceProviderOnly,
    { advice: 'This is the metadata of a service provider.' },
  ],
  'an identity provider of SAML 1.1': [
    'metadata_not_identity_provider',
    good.replace('SAML:2.0:protocol', 'SAML:1.1:protocol'),
    { arrived: 'IDPSSODescriptor (urn:oasis:names:tc:SAML:1.1:protocol)' },
  ],
  'an empty group': [
    'metadata_not_identity_provider',
    group(),
    { arrived: 'no EntityDescriptor', at: 'line 1, EntitiesDescriptor' },
  ],
  'no entity ID': ['metadata_entity_id_invalid', good.replace(/ entityID="[^"]*"/, ''), { arrived: 'none' }],
  'an entity ID of 1025 characters': ['metadata_entity_id_invalid', good.replace(entityId, 'x'.repeat(1025))],
  'no endpoint': ['metadata_endpoint_missing', good.replace(/<md:SingleSignOnService.*<\/md:SingleSignOnService>/, '')],
  'only endpoints we cannot use': [
    'metadata_endpoint_missing',
    good.replaceAll(/HTTP-(?:POST|Redirect)/g, 'SOAP'),
    { arrived: 'urn:oasis:names:tc:SAML:2.0:bindings:SOAP, urn:oasis:names:tc:SAML:2.0:bindings:SOAP' },
  ],
  'an endpoint without binding': [
    'metadata_endpoint_invalid',
    good.replace(/ Binding="[^"]*"/, ''),
    { check: 'Binding' },
  ],
  'an endpoint without location': [
    'metadata_endpoint_invalid',
    good.replace(/ Location="[^"]*"/, ''),
    { arrived: 'none' },
  ],
  'a relative location': ['metadata_endpoint_invalid', good.replace(/Location="[^"]*"/, 'Location="/sso"')],
  'a location that runs a script': [
    'metadata_endpoint_invalid',
    good.replace(/Location="[^"]*"/, 'Location="javascript:x"'),
  ],
  'a location with a password': [
    'metadata_endpoint_invalid',
    good.replace('Location="https://', 'Location="https://a:b@'),
  ],
  'no certificate': ['metadata_certificate_missing', good.replace(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/, '')],
  'only a certificate for encryption': ['metadata_certificate_missing', good.replace('"signing"', '"encryption"')],
  'a key without a certificate': [
    'metadata_certificate_missing',
    good.replace(/<ds:X509Data>.*<\/ds:X509Data>/, '<ds:KeyName>k</ds:KeyName>'),
    { arrived: 'a KeyDescriptor without an X509Certificate' },
  ],
  'an empty certificate': ['metadata_certificate_invalid', withCertificate(' '), { arrived: 'nothing' }],
  'a certificate that is not base64': ['metadata_certificate_invalid', withCertificate('MII%')],
  'a certificate cut short': ['metadata_certificate_invalid', withCertificate(rsa.slice(0, 400))],
  'an RSA key of 1024 bits': ['metadata_key_too_weak', withCertificate(rsaOf(1024)), { arrived: '1024 bits' }],
  'a curve nobody verifies': [
    'metadata_certificate_invalid',
    withCertificate(ecOf('secp256k1')),
    { arrived: 'ec secp256k1' },
  ],
}
for (const [what, [code, text, detail]] of Object.entries(broken)) {
  test(`readMetadata() refuses ${what} as ${code}`, () => refuses(code, () => read(text), detail))
}

test('readMetadata() takes an RSA key of 1024 bits where the connection allows it, and none that is shorter', () => {
  const options = { now, dangerouslyAllowWeakKeys: true }
  const weak = rsaOf(1024)
  assert.deepEqual(readMetadata(withCertificate(weak), options).signingCertificates, [weak])
  refuses('metadata_key_too_weak', () => readMetadata(withCertificate(rsaOf(512)), options), { arrived: '512 bits' })
})

test('readMetadata() takes a signed aggregate as it was signed, and refuses one that was edited', () => {
  const signed = signedGroup(group(otherEntity, good))
  assert.deepEqual(read(signed, { entityId }), read(good))
  refuses('metadata_changed', () => read(signed.replace('/sso"', '/ssx"'), { entityId }), { check: 'DigestValue' })
  const unknown = signed.replace('xmlenc#sha256', 'none')
  refuses('metadata_malformed', () => read(unknown, { entityId }), { check: 'DigestMethod' })
})

test('readMetadata() finds with SHA-1, too, whether an aggregate was edited: nobody vouches for it by that', () => {
  const signed = signedGroup(group(otherEntity, good), 'http://www.w3.org/2000/09/xmldsig#sha1')
  assert.deepEqual(read(signed, { entityId }), read(good))
  refuses('metadata_changed', () => read(signed.replace('/sso"', '/ssx"'), { entityId }), { check: 'DigestValue' })
  refuses('metadata_signature_invalid', () => read(signed, { entityId, signingCertificate: rsa }))
})

test('readMetadata() reads, of several roles of one identity provider, the first with an address we can use', () => {
  const role = /<md:IDPSSODescriptor.*<\/md:IDPSSODescriptor>/.exec(good)?.[0] ?? ''
  const soap = role.replaceAll(/HTTP-(?:POST|Redirect)/g, 'SOAP').replace(rsa, ec)
  assert.deepEqual(read(good.replace(role, soap + role)), read(good))
  assert.deepEqual(read(good.replace(role, role + soap)), read(good))
})

/** Signed by xml-crypto, so that its canonical form is compared with ours. */
function signedGroup(xml: string, digestAlgorithm = 'http://www.w3.org/2001/04/xmlenc#sha256'): string {
  const signer = new SignedXml({
    privateKey: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ type: 'pkcs8', format: 'pem' }),
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    idAttribute: 'ID',
  })
  signer.addReference({
    xpath: '/*',
    digestAlgorithm,
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
  })
  signer.computeSignature(xml.replace('<EntitiesDescriptor', '$& ID="_group"'), {
    location: { reference: '/*', action: 'prepend' },
  })
  return signer.getSignedXml()
}

test('readMetadata() names the line of the file in which the broken part stands', () => {
  const lines = `\n\n${good.replaceAll('><', '>\n<')}`
  const at = lines.slice(0, lines.indexOf('<ds:X509Certificate>')).split('\n').length
  const detail = { at: `line ${at}, ds:X509Certificate` }
  refuses('metadata_certificate_invalid', () => read(lines.replace(rsa, 'AAAA')), detail)
})
