import assert from 'node:assert/strict'
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto'
import { test } from 'node:test'
import { writeSelfSignedCertificate } from '../../src/keys/self-signed-certificate.ts'

const keys = {
  RSA: generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey,
  'EC P-256': generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
}
const notBefore = new Date('2026-11-21T08:00:00Z')
const notAfter = new Date('2051-02-03T04:05:06Z')

for (const [kind, privateKey] of Object.entries(keys)) {
  test(`a self-signed ${kind} certificate is what was asked for, in the eyes of OpenSSL`, () => {
    const der = writeSelfSignedCertificate({ privateKey, commonName: 'Zoë, "A"=B', notBefore, notAfter, randomBytes })
    const certificate = new X509Certificate(der)
    assert.equal(certificate.checkPrivateKey(privateKey), true)
    assert.equal(certificate.verify(certificate.publicKey), true)
    assert.equal(certificate.toLegacyObject().subject.CN, 'Zoë, "A"=B')
    assert.equal(certificate.subject, certificate.issuer)
    assert.equal(Date.parse(certificate.validFrom), notBefore.getTime())
    assert.equal(Date.parse(certificate.validTo), notAfter.getTime())
    assert.equal(certificate.ca, false)
  })
}

test('a serial number is positive and never begins with a zero byte', () => {
  for (const first of [0x00, 0x7f, 0x80, 0xff]) {
    const bytes = () => Buffer.concat([Buffer.from([first]), Buffer.alloc(15, 7)])
    const certificate = writeSelfSignedCertificate({
      privateKey: keys['EC P-256'],
      commonName: 'x',
      notBefore,
      notAfter,
      randomBytes: bytes,
    })
    const { serialNumber } = new X509Certificate(certificate)
    assert.match(serialNumber, /^[0-7][0-9A-F]{31}$/)
    assert.doesNotMatch(serialNumber, /^00/)
  }
})
