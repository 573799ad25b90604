import { createHash } from 'node:crypto'
import { isLatchkeyError } from '../../errors.ts'
import { signatureNamespace } from '../names.ts'
import { readSignature, readSignedInfo, type SignedInfo } from '../signature/signature-parts.ts'
import { CanonicalFormTooLong, canonicalize } from '../xml/canonicalize.ts'
import { attributeOf, childrenNamed, isElement, type XmlElement } from '../xml/element.ts'
import { documentRules } from '../xml/scan-rules.ts'
import { type MetadataDocument, metadataNamespace } from './metadata-document.ts'

/**
 * A signed aggregate (a group of entities, as federations publish it) must be as it was signed: its digest is compared.
 * This finds a file that was cut or edited, not a forger, who would sign anew. SAML Metadata 3.
 *
 * Throws `metadata_changed`, `metadata_too_large`, and `metadata_malformed` when the signature is not built as SAML requires.
 */
export function checkAggregate(document: MetadataDocument): void {
  const { root } = document
  if (!isElement(root, metadataNamespace, 'EntitiesDescriptor')) return
  const signatures = childrenNamed(root, signatureNamespace, 'Signature')
  for (const signature of signatures) checkDigest(document, signature, readSigned(document, signature))
}

function checkDigest(document: MetadataDocument, signature: XmlElement, signed: SignedInfo): void {
  const { root } = document
  const id = attributeOf(root, 'ID') ?? ''
  if (signed.referenceUri !== '' && signed.referenceUri !== `#${id}`) {
    const detail = { check: 'Reference/URI', wanted: `#${id}`, arrived: signed.referenceUri.slice(0, 500) }
    document.refuse('metadata_malformed', signature, detail)
  }
  const content = canonicalForm(document, signature, signed)
  const digest = createHash(signed.digestHash).update(content).digest()
  if (digest.equals(signed.digestValue)) return
  document.refuse('metadata_changed', signature, {
    check: 'DigestValue',
    wanted: digest.toString('base64'),
    arrived: signed.digestValue.toString('base64'),
    advice: 'Get the metadata again, and save it as it comes, without editing it.',
  })
}

function canonicalForm(document: MetadataDocument, signature: XmlElement, signed: SignedInfo): string {
  const { maxCharacters } = documentRules
  const inclusivePrefixes = signed.referenceInclusivePrefixes
  try {
    return canonicalize(document.root, { without: signature, inclusivePrefixes, maxCharacters })
  } catch (error) {
    if (!(error instanceof CanonicalFormTooLong)) throw error
    const detail = { check: 'canonical form', wanted: `at most ${maxCharacters} characters` }
    return document.refuse('metadata_too_large', document.root, detail, { cause: error })
  }
}

function readSigned(document: MetadataDocument, signature: XmlElement): SignedInfo {
  try {
    return readSignedInfo(readSignature(signature).signedInfo)
  } catch (error) {
    if (!isLatchkeyError(error)) throw error
    return document.refuse('metadata_malformed', signature, error.detail, { cause: error })
  }
}
