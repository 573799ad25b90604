import { createHash, verify, X509Certificate } from 'node:crypto'
import { LatchkeyError } from '../errors.ts'
import { attributeOf } from './read-authn-request.ts'
import { signatureNamespace } from './signature.ts'

/**
 * Verifies the signature inside a message that is canonical as it stands, as Latchkey writes its own; any other is refused,
 * though it may be good. It shares nothing with the verifier in `saml/`. RSA or ECDSA with SHA-256. XML Signature 3.2.
 *
 * Throws `request_invalid`.
 */
export function checkEnvelopedSignature(message: string, id: string, certificate: string): void {
  const [signature = ''] = /<ds:Signature .*<\/ds:Signature>/s.exec(message) ?? []
  const [signedInfo = ''] = /<ds:SignedInfo>.*<\/ds:SignedInfo>/s.exec(signature) ?? []
  if (signedInfo === '') refuse('a signed message')
  const [, reference = ''] = /<ds:Reference(\s[^>]*)>/.exec(signedInfo) ?? []
  if (attributeOf(reference, 'URI') !== `#${id}`) refuse('a reference to the message')
  const digest = createHash('sha256').update(message.replace(signature, '')).digest('base64')
  if (textOf(signedInfo, 'DigestValue') !== digest) refuse('the digest of the message')
  const bytes = Buffer.from(signedInfo.replace('<ds:SignedInfo>', `<ds:SignedInfo xmlns:ds="${signatureNamespace}">`))
  const key = new X509Certificate(Buffer.from(certificate, 'base64')).publicKey
  const value = Buffer.from(textOf(signature, 'SignatureValue'), 'base64')
  if (!verify('sha256', bytes, { key, dsaEncoding: 'ieee-p1363' }, value)) {
    refuse('a signature that the certificate of the service provider verifies')
  }
}

function textOf(xml: string, name: string): string {
  return new RegExp(`<ds:${name}>([^<]*)<`).exec(xml)?.[1] ?? ''
}

function refuse(wanted: string): never {
  throw new LatchkeyError('request_invalid', { check: 'Signature', wanted })
}
