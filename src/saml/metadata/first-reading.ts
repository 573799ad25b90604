import { isLatchkeyError } from '../../errors.ts'
import { signatureNamespace } from '../names.ts'
import type { SignedInfo } from '../signature/signature-parts.ts'
import { CanonicalFormTooLong } from '../xml/canonicalize.ts'
import { childrenNamed, isElement, type XmlElement } from '../xml/element.ts'
import { documentRules } from '../xml/scan-rules.ts'
import { CanonicalDigest } from './canonical-digest.ts'
import type { CutterLimits } from './document-cutter.ts'
import { DocumentReader, type ReadPiece } from './document-reader.ts'
import { type MetadataDocument, metadataNamespace } from './metadata-document.ts'
import { readSignedDigest } from './signed-digest.ts'

export interface FirstReadingOptions {
  /** Base64 of the DER form: what its key has not signed is refused. */
  readonly signingCertificate?: string | undefined
  readonly limits: CutterLimits
  /** What an earlier reading found to be signed, when the signature stood behind the beginning. */
  readonly signed?: SignedInfo | undefined
}

/** What the first reading found out. */
export interface ProvenDocument {
  /** Absent: no signature counts. */
  readonly signed?: SignedInfo
  /** False: the signature stood so late that the digest is not known yet. Read again, with `signed`. */
  readonly isProven: boolean
}

interface RootSignature {
  /** The piece in which it stands. */
  readonly document: MetadataDocument
  readonly element: XmlElement
}

/**
 * The first reading of a document, which uses nothing of it: all of it is well-formed, and its digest is the signed one. With a
 * certificate, the root must be signed once, by its key, so that nothing stands outside the signature (SAML Metadata 3.1).
 * Without one, an aggregate that is signed must be as it was signed (decision 0021).
 *
 * Refusals wait for the end: a fault of the XML comes first, wherever it stands.
 */
export class FirstReading {
  readonly reader: DocumentReader
  readonly #signingCertificate: string | undefined
  #first: MetadataDocument | undefined
  #signatures = 0
  #signature: RootSignature | undefined
  #signed: SignedInfo | undefined
  #digest: CanonicalDigest | undefined
  #isTooLong = false

  constructor({ signingCertificate, limits, signed }: FirstReadingOptions) {
    this.#signingCertificate = signingCertificate
    this.reader = new DocumentReader((read) => this.#read(read), limits)
    if (signed !== undefined) this.#expect(signed)
  }

  /** Throws `metadata_signature_missing`, `metadata_signature_invalid`, `metadata_changed`, `metadata_malformed`, `metadata_too_large`. */
  result(): ProvenDocument {
    const signature = this.#onlySignature()
    if (signature === undefined) return { isProven: true }
    const signed = this.#signed ?? this.#readSigned(signature)
    if (this.#digest === undefined) return { signed, isProven: false }
    this.#checkDigest(signature, signed, this.#digest)
    return { signed, isProven: true }
  }

  #read(read: ReadPiece): void {
    const { document } = read
    const found = childrenNamed(document.root, signatureNamespace, 'Signature')
    this.#signatures += found.length
    const [element] = found
    if (element !== undefined) this.#signature ??= { document, element }
    if (this.#first === undefined) {
      this.#first = document
      if (element !== undefined && this.#signed === undefined) this.#expectSigned({ document, element })
    }
    this.#addToDigest(read, element)
  }

  /** When it cannot be read, `result` refuses it. */
  #expectSigned(signature: RootSignature): void {
    if (!this.#signatureCounts(signature.document)) return
    try {
      this.#expect(this.#readSigned(signature))
    } catch (error) {
      if (!isLatchkeyError(error)) throw error
    }
  }

  #expect(signed: SignedInfo): void {
    this.#signed = signed
    this.#digest = new CanonicalDigest(signed)
  }

  #addToDigest(read: ReadPiece, without: XmlElement | undefined): void {
    if (this.#isTooLong) return
    try {
      this.#digest?.add(read, without)
    } catch (error) {
      if (!(error instanceof CanonicalFormTooLong)) throw error
      this.#isTooLong = true
    }
  }

  #readSigned({ document, element }: RootSignature): SignedInfo {
    return readSignedDigest(document, element, this.#signingCertificate)
  }

  /** Without a certificate, a single entity is read as it is: such files are edited on purpose. */
  #signatureCounts({ root }: MetadataDocument): boolean {
    return this.#signingCertificate !== undefined || isElement(root, metadataNamespace, 'EntitiesDescriptor')
  }

  #onlySignature(): RootSignature | undefined {
    const first = this.#first
    if (first === undefined || !this.#signatureCounts(first)) return undefined
    const isPinned = this.#signingCertificate !== undefined
    if (this.#signatures === 1 || (this.#signatures === 0 && !isPinned)) return this.#signature
    return first.refuse(isPinned ? 'metadata_signature_missing' : 'metadata_malformed', first.root, {
      check: 'Signature',
      wanted: `${isPinned ? 'one' : 'at most one'} in ${first.root.name}`,
      arrived: String(this.#signatures),
    })
  }

  #checkDigest({ document, element }: RootSignature, signed: SignedInfo, canonical: CanonicalDigest): void {
    const isPinned = this.#signingCertificate !== undefined
    if (this.#isTooLong) {
      const detail = { check: 'canonical form', wanted: `at most ${documentRules.maxCharacters} characters` }
      document.refuse(isPinned ? 'metadata_signature_invalid' : 'metadata_too_large', element, detail)
    }
    const digest = canonical.digest()
    if (digest.equals(signed.digestValue)) return
    document.refuse(isPinned ? 'metadata_signature_invalid' : 'metadata_changed', element, {
      check: 'DigestValue',
      wanted: digest.toString('base64'),
      arrived: signed.digestValue.toString('base64'),
      advice: 'Get the metadata again, and save it as it comes, without editing it.',
    })
  }
}
