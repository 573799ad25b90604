import { createHash, X509Certificate } from 'node:crypto'
import { isLatchkeyError } from '../../errors.ts'
import { readSignature, readSignedInfo, type SignedInfo } from '../signature/signature-parts.ts'
import { checkReference, verifySignedInfo } from '../signature/verify-signed-info.ts'
import type { SigningKey } from '../trust-settings.ts'
import type { XmlElement } from '../xml/element.ts'
import type { MetadataDocument } from './metadata-document.ts'

/**
 * What a signature of the root says the digest of the document is. With a certificate, its key must have signed that, and it
 * is read from the very bytes that were signed, as for messages (`signature/verify-signed-info.ts`). Without one nobody
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
    if (signingCertificate !== undefined) {
      return verifySignedInfo(root, signature, [readKey(signingCertificate)]).signedInfo
    }
    // SHA-1 finds a file that was cut as well as any other.
    const signed = readSignedInfo(readSignature(signature).signedInfo, { dangerouslyAllowSha1: true })
    if (signed.referenceUri !== '') checkReference(signed, root)
    return signed
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    const { advice: _forMessages, ...detail } = error.detail
    const code = signingCertificate === undefined ? 'metadata_malformed' : 'metadata_signature_invalid'
    return document.refuse(code, signature, detail, { cause: error })
  }
}

function readKey(certificate: string): SigningKey {
  const der = Buffer.from(certificate, 'base64')
  return { key: new X509Certificate(der).publicKey, fingerprint: createHash('sha256').update(der).digest('hex') }
}
