import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ServiceProvider } from 'samlify'
import { writeServiceProviderMetadata } from '../../../src/saml/metadata/write-service-provider-metadata.ts'

const emailAddress = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
const full = {
  entityId: 'https://latchkey.example/sso/a/metadata?x=1&y=2',
  acsUrl: 'https://latchkey.example/sso/a/acs',
  logoutUrl: 'https://latchkey.example/sso/a/logout',
  signingCertificate: 'MIIB',
  encryptionCertificate: 'MIIC',
  nameIdFormats: ['urn:oasis:names:tc:SAML:2.0:nameid-format:persistent', emailAddress],
  wantAssertionsSigned: true,
  authnRequestsSigned: true,
  requestedAttributes: [
    { name: 'urn:oid:0.9.2342.19200300.100.1.3', friendlyName: 'mail', isRequired: true },
    { name: 'title' },
  ],
}

test("writeServiceProviderMetadata() is read by another project's identity provider as it was meant", () => {
  const { entityMeta } = ServiceProvider({ metadata: writeServiceProviderMetadata(full) })
  assert.equal(entityMeta.getEntityID(), full.entityId)
  assert.equal(entityMeta.getAssertionConsumerService('post'), full.acsUrl)
  assert.equal(entityMeta.getSingleLogoutService('redirect'), full.logoutUrl)
  assert.equal(entityMeta.getSingleLogoutService('post'), full.logoutUrl)
  assert.equal(entityMeta.isWantAssertionsSigned(), true)
  assert.equal(entityMeta.isAuthnRequestSigned(), true)
  assert.equal(entityMeta.getX509Certificate('signing'), 'MIIB')
  assert.equal(entityMeta.getX509Certificate('encryption'), 'MIIC')
  assert.deepEqual(entityMeta.getNameIDFormat(), full.nameIdFormats)
})

test('writeServiceProviderMetadata() keeps the order of elements that the schema demands', () => {
  const text = writeServiceProviderMetadata(full)
  const inside = [...text.matchAll(/<md:([A-Za-z]+)/g)].map(([, name]) => name)
  assert.deepEqual(inside, [
    'EntityDescriptor',
    'SPSSODescriptor',
    'KeyDescriptor',
    'KeyDescriptor',
    'EncryptionMethod',
    'EncryptionMethod',
    'EncryptionMethod',
    'EncryptionMethod',
    'EncryptionMethod',
    'SingleLogoutService',
    'SingleLogoutService',
    'NameIDFormat',
    'NameIDFormat',
    'AssertionConsumerService',
    'AttributeConsumingService',
    'ServiceName',
    'RequestedAttribute',
    'RequestedAttribute',
  ])
  assert.match(text, /Name="urn:oid:0\.9\.2342\.19200300\.100\.1\.3" NameFormat="[^"]*:uri" isRequired="true"/)
  assert.match(text, /<md:RequestedAttribute Name="title" NameFormat="[^"]*:basic">/)
})

test('writeServiceProviderMetadata() leaves out what there is not', () => {
  const text = writeServiceProviderMetadata({
    entityId: 'sp',
    acsUrl: 'https://sp.example/acs',
    nameIdFormats: [],
    wantAssertionsSigned: false,
    authnRequestsSigned: false,
  })
  assert.doesNotMatch(text, /KeyDescriptor|SingleLogoutService|NameIDFormat|AttributeConsumingService|undefined/)
  assert.match(text, /AuthnRequestsSigned="false" WantAssertionsSigned="false"/)
})
