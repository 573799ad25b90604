import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { SignedXml } from 'xml-crypto'
import { createSigningKey } from '../../../src/keys/signing-key.ts'
import { readMetadata } from '../../../src/saml/metadata/read-metadata.ts'
import { writeServiceProviderMetadata } from '../../../src/saml/metadata/write-service-provider-metadata.ts'
import { signDescriptor } from '../../../src/saml/request-signature.ts'
import { writeIdentityProviderMetadata } from '../../../src/test-identity-provider/metadata.ts'

const now = new Date('2026-11-21T08:00:00Z')
const [signer, other] = await Promise.all(
  [1, 2].map(() => createSigningKey({ now: () => now, randomBytes }, 'signing')),
)
const entityId = 'https://idp.example/metadata'

function signed(change: (xml: string) => string = (xml) => xml): string {
  const xml = writeIdentityProviderMetadata({
    entityId,
    baseUrl: 'https://idp.example',
    certificate: signer?.certificateBase64 ?? '',
  }).replace(' entityID=', ' ID="_m" entityID=')
  if (signer === undefined) throw new Error('no key')
  return change(signDescriptor(xml, '_m', { key: signer.privateKey }))
}

const pinned = { now, signingCertificate: signer?.certificateBase64 }

test('metadata counts when the pinned key has signed it', () => {
  assert.equal(readMetadata(signed(), pinned).entityId, entityId)
})

const refused: Readonly<Record<string, { readonly text: string; readonly code: string; readonly by?: string }>> = {
  'not signed': {
    text: signed((xml) => xml.replace(/<ds:Signature .*<\/ds:Signature>/, '')),
    code: 'metadata_signature_missing',
  },
  'signed by another key': { text: signed(), code: 'metadata_signature_invalid', by: other?.certificateBase64 ?? '' },
  'changed afterwards': {
    text: signed((xml) => xml.replace('https://idp.example/sso', 'https://evil.example/sso')),
    code: 'metadata_signature_invalid',
  },
  'signed inside something larger': {
    text: signed(
      (xml) => `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${xml}</md:EntitiesDescriptor>`,
    ),
    code: 'metadata_signature_missing',
  },
  'signed twice': {
    text: signed((xml) => xml.replace(/<ds:Signature .*<\/ds:Signature>/, (signature) => signature + signature)),
    code: 'metadata_signature_missing',
  },
}
for (const [name, { text, code, by }] of Object.entries(refused)) {
  test(`metadata that is ${name} is refused where a key is pinned`, () => {
    assert.throws(() => readMetadata(text, { now, signingCertificate: by ?? pinned.signingCertificate }), { code })
  })
}

test("another project's library verifies the signature of our own metadata", () => {
  if (signer === undefined) throw new Error('no key')
  const xml = writeServiceProviderMetadata({
    entityId: 'https://latchkey.example/sso/a/metadata',
    acsUrl: 'https://latchkey.example/sso/a/acs',
    signingCertificate: signer.certificateBase64,
    furtherSigningCertificates: [other?.certificateBase64 ?? ''],
    nameIdFormats: [],
    wantAssertionsSigned: true,
    authnRequestsSigned: true,
    cacheSeconds: 60,
    validUntil: new Date('2026-12-01T08:00:00Z'),
    sign: { id: '_1f', signing: { key: signer.privateKey } },
  })
  assert.match(
    xml,
    /<md:EntityDescriptor [^>]*cacheDuration="PT60S"[^>]* validUntil="2026-12-01T08:00:00Z"><ds:Signature/,
  )
  assert.equal(xml.match(/use="signing"/g)?.length, 2)
  const publicCert = `-----BEGIN CERTIFICATE-----\n${signer.certificateBase64}\n-----END CERTIFICATE-----`
  const verifier = new SignedXml({ publicCert })
  const signature = /<ds:Signature .*<\/ds:Signature>/.exec(xml)?.[0] ?? ''
  verifier.loadSignature(signature)
  assert.equal(verifier.checkSignature(xml), true)
})
