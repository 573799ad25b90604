import { createHash, X509Certificate } from 'node:crypto'
import { isLatchkeyError } from '../../errors.ts'
import { signatureNamespace } from '../names.ts'
import { verifySignature } from '../signature/verify-signature.ts'
import type { SigningKey } from '../trust-settings.ts'
import { childrenNamed, type XmlElement } from '../xml/element.ts'
import { documentRules } from '../xml/scan-rules.ts'
import { MetadataDocument } from './metadata-document.ts'

/**
 * The metadata as the holder of this certificate signed it, read again from the signed bytes. The signature must be that of
 * the root, so that nothing stands outside it. SAML Metadata 3.1.
 *
 * Throws `metadata_signature_missing`, `metadata_signature_invalid`.
 */
export function verifyMetadata(document: MetadataDocument, signingCertificate: string): MetadataDocument {
  const { root } = document
  const [signature, ...others] = childrenNamed(root, signatureNamespace, 'Signature')
  if (signature === undefined || others.length > 0) {
    return document.refuse('metadata_signature_missing', root, {
      check: 'Signature',
      wanted: `one in ${root.name}`,
      arrived: String(others.length + (signature ? 1 : 0)),
    })
  }
  return new MetadataDocument({ root: verified(document, signature, readKey(signingCertificate)) })
}

function verified(document: MetadataDocument, signature: XmlElement, key: SigningKey): XmlElement {
  try {
    return verifySignature(document.root, signature, [key], {}, documentRules).root
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    const { advice: _forMessages, ...detail } = error.detail
    return document.refuse('metadata_signature_invalid', signature, detail, { cause: error })
  }
}

function readKey(certificate: string): SigningKey {
  const der = Buffer.from(certificate, 'base64')
  return { key: new X509Certificate(der).publicKey, fingerprint: createHash('sha256').update(der).digest('hex') }
}
