import { createHash, X509Certificate } from 'node:crypto'
import { isLatchkeyError } from '../../errors.ts'
import { readMessage } from '../read-message.ts'
import { refusal } from '../refusal.ts'
import { readSignature, readSignedInfo, type SignedInfo } from '../signature/signature-parts.ts'
import { findVerifyingKey } from '../signature/verifying-key.ts'
import type { SigningKey } from '../trust-settings.ts'
import { CanonicalFormTooLong, canonicalize } from '../xml/canonicalize.ts'
import { attributeOf, type XmlElement } from '../xml/element.ts'
import { messageRules } from '../xml/scan-rules.ts'
import type { MetadataDocument } from './metadata-document.ts'

/**
 * What a signature of the root says the digest of the document is. With a certificate, its key must have signed that, and it
 * is read from the very bytes that were signed, as for messages (`signature/verify-signature.ts`). Without one nobody
 * vouches for it: it finds a file that was cut or edited, not a forger, who would sign anew.
 *
 * Throws `metadata_malformed`; with a certificate `metadata_signature_invalid`.
 */
export function readSignedDigest(
  document: MetadataDocument,
  signature: XmlElement,
  signingCertificate: string | undefined,
): SignedInfo {
  const { root } = document
  try {
    if (signingCertificate !== undefined) return verifySignedInfo(root, signature, readKey(signingCertificate))
    const signed = readSignedInfo(readSignature(signature).signedInfo)
    if (signed.referenceUri !== '') checkReference(root, signed)
    return signed
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    const { advice: _forMessages, ...detail } = error.detail
    const code = signingCertificate === undefined ? 'metadata_malformed' : 'metadata_signature_invalid'
    return document.refuse(code, signature, detail, { cause: error })
  }
}

function verifySignedInfo(root: XmlElement, signature: XmlElement, key: SigningKey): SignedInfo {
  const parts = readSignature(signature)
  const claimed = readSignedInfo(parts.signedInfo)
  const text = canonicalForm(parts.signedInfo, claimed.inclusivePrefixes)
  findVerifyingKey(Buffer.from(text), claimed.algorithm, parts, [key])
  const signed = readSignedInfo(readMessage(text))
  if (signed.algorithmUri !== claimed.algorithmUri) {
    throw differs('SignatureMethod', claimed.algorithmUri, signed.algorithmUri)
  }
  checkReference(root, signed)
  return signed
}

function canonicalForm(signedInfo: XmlElement, inclusivePrefixes: readonly string[]): string {
  try {
    return canonicalize(signedInfo, { inclusivePrefixes })
  } catch (error) {
    if (!(error instanceof CanonicalFormTooLong)) throw error
    const wanted = `at most ${messageRules.maxCharacters} characters`
    throw refusal('saml_limits_exceeded', { check: 'canonical form', wanted, arrived: 'more' })
  }
}

/** SAML Core 5.4.2. */
function checkReference(root: XmlElement, signed: SignedInfo): void {
  const id = attributeOf(root, 'ID') ?? ''
  if (id === '' || signed.referenceUri !== `#${id}`) throw differs('Reference/URI', `#${id}`, signed.referenceUri)
}

function differs(check: string, wanted: string, arrived: string) {
  return refusal('saml_signature_malformed', { check, wanted, arrived })
}

function readKey(certificate: string): SigningKey {
  const der = Buffer.from(certificate, 'base64')
  return { key: new X509Certificate(der).publicKey, fingerprint: createHash('sha256').update(der).digest('hex') }
}
