import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeSelfSignedCertificate } from '../../src/keys/self-signed-certificate.ts'

/** A new key of an identity provider, as PEM, and its certificate, as base64. */
export function newKey(): { readonly key: string; readonly certificate: string } {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const notBefore = new Date()
  const notAfter = new Date(notBefore.getTime() + 86_400_000)
  const der = writeSelfSignedCertificate({ privateKey, commonName: 'peer', notBefore, notAfter, randomBytes })
  return { key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(), certificate: der.toString('base64') }
}

export function pem(base64: string): string {
  const lines = base64.replace(/\s/g, '').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
