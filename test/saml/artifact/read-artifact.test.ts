import assert from 'node:assert/strict'
import { createHash, generateKeyPairSync } from 'node:crypto'
import { test } from 'node:test'
import { SignedXml } from 'xml-crypto'
import type { ErrorCode } from '../../../src/errors.ts'
import { buildArtifactResolve } from '../../../src/saml/artifact/build-artifact-resolve.ts'
import { chooseResolutionService } from '../../../src/saml/artifact/choose-resolution-service.ts'
import { readArtifact } from '../../../src/saml/artifact/read-artifact.ts'

const entityId = 'https://idp.example/metadata'

function artifact({ type = 4, index = 0, of = entityId, handle = 20 } = {}): string {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(type, 0)
  head.writeUInt16BE(index, 2)
  return Buffer.concat([head, createHash('sha1').update(of).digest(), Buffer.alloc(handle, 7)]).toString('base64')
}

test('readArtifact() reads the index, and one spelling of the value', () => {
  const read = readArtifact(artifact({ index: 258 }), entityId)
  assert.equal(read.endpointIndex, 258)
  assert.equal(read.value, artifact({ index: 258 }))
  // Base64 of 44 bytes ends in two bits that mean nothing.
  const spelledOtherwise = artifact().replace(/c=$/, 'd=')
  assert.notEqual(spelledOtherwise, artifact())
  assert.equal(readArtifact(spelledOtherwise, entityId).value, artifact())
  assert.equal(readArtifact(`${artifact().slice(0, 30)}\r\n ${artifact().slice(30)}`, entityId).value, artifact())
})

const refused: readonly (readonly [string, string, ErrorCode])[] = [
  ['of type 1', artifact({ type: 1 }), 'saml_artifact_malformed'],
  ['of type 0x0400', artifact({ type: 0x400 }), 'saml_artifact_malformed'],
  ['that is too short', artifact({ handle: 19 }), 'saml_artifact_malformed'],
  ['that is too long', artifact({ handle: 21 }), 'saml_artifact_malformed'],
  ['that is very long', 'A'.repeat(1_000_000), 'saml_artifact_malformed'],
  ['that is empty', '', 'saml_artifact_malformed'],
  ['that is no base64', 'not base64!', 'saml_artifact_malformed'],
  ['in the alphabet of URLs', `${artifact().slice(0, 56)}-_==`, 'saml_artifact_malformed'],
  ['of another identity provider', artifact({ of: 'https://other.example' }), 'saml_artifact_source_mismatch'],
  ['of almost this one', artifact({ of: `${entityId}/` }), 'saml_artifact_source_mismatch'],
]

for (const [what, samlArt, code] of refused) {
  test(`readArtifact() refuses one ${what}`, () => {
    assert.throws(() => readArtifact(samlArt, entityId), { code })
  })
}

test('chooseResolutionService() takes the one of this index and no other, not even the default', () => {
  const services = [
    { index: 0, location: 'https://idp.example/0', isDefault: true },
    { index: 3, location: 'https://idp.example/3' },
  ]
  const three = readArtifact(artifact({ index: 3 }), entityId)
  assert.equal(chooseResolutionService(services, three).location, 'https://idp.example/3')
  const two = readArtifact(artifact({ index: 2 }), entityId)
  assert.throws(() => chooseResolutionService(services, two), { code: 'saml_artifact_endpoint_unknown' })
  assert.throws(() => chooseResolutionService([], three), { code: 'saml_artifact_endpoint_unknown' })
})

test('buildArtifactResolve() is signed so that xml-crypto verifies it inside its envelope', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const options = {
    id: '_a1',
    issueInstant: new Date(),
    destination: 'https://idp.example/ars',
    issuer: 'https://sp & co',
  }
  const xml = buildArtifactResolve({
    ...options,
    artifact: readArtifact(artifact(), entityId),
    sign: { key: privateKey },
  })
  const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/.exec(xml) ?? []
  const judge = new SignedXml({ publicCert: publicKey.export({ type: 'spki', format: 'pem' }) })
  judge.loadSignature(signature)
  assert.equal(judge.checkSignature(xml), true)
  const [signed = ''] = judge.getSignedReferences()
  assert.match(signed, /^<samlp:ArtifactResolve .*Destination="https:\/\/idp\.example\/ars" ID="_a1"/)
  assert.ok(signed.includes(`<samlp:Artifact>${artifact()}</samlp:Artifact>`))
  assert.ok(signed.includes('>https://sp &amp; co</saml:Issuer>'))
})
