import { LatchkeyError } from '../../errors.ts'
import { signatureNamespace } from '../names.ts'
import type { SignedInfo } from '../signature/signature-parts.ts'
import { CanonicalFormTooLong } from '../xml/canonicalize.ts'
import { attributeOf, childNamed } from '../xml/element.ts'
import { scan } from '../xml/scan.ts'
import { ScanError } from '../xml/scan-error.ts'
import { documentRules } from '../xml/scan-rules.ts'
import { CanonicalDigest } from './canonical-digest.ts'
import { type ChosenEntity, EntityChoice } from './choose-entity.ts'
import type { CutterLimits } from './document-cutter.ts'
import { DocumentReader, type ReadPiece } from './document-reader.ts'
import { MetadataDocument } from './metadata-document.ts'

export interface SecondReadingOptions {
  /** Which entity; absent: the only one. */
  readonly entityId?: string | undefined
  readonly limits: CutterLimits
  /** What a pinned certificate's key signed: entities are read from those bytes. Absent: from the document as it came. */
  readonly signed?: SignedInfo | undefined
}

/** The second reading of a document, when the first has proven it: finds an entity. It counts only if both read the same. */
export class SecondReading {
  readonly reader: DocumentReader
  readonly #entities: EntityChoice
  readonly #signed: SignedInfo | undefined
  readonly #digest: CanonicalDigest | undefined

  constructor({ entityId, limits, signed }: SecondReadingOptions) {
    this.#entities = new EntityChoice(entityId)
    this.#signed = signed
    this.#digest = signed && new CanonicalDigest(signed)
    this.reader = new DocumentReader((read) => this.#entities.add(this.#signedPart(read)), limits)
  }

  /** Throws `metadata_changed` and what `EntityChoice.choose` throws. */
  result(): ChosenEntity {
    if (this.#signed !== undefined && this.#digest?.digest().equals(this.#signed.digestValue) !== true) throw changed()
    return this.#entities.choose()
  }

  /** The piece again, from the bytes that come into the digest. */
  #signedPart(read: ReadPiece): MetadataDocument {
    const { document } = read
    if (this.#digest === undefined) return document
    const { root } = document
    const signed = scanAgain(document, addTo(this.#digest, read))
    if (signed.root.name === root.name && attributeOf(signed.root, 'ID') === attributeOf(root, 'ID')) return signed
    return document.refuse('metadata_signature_invalid', root, { check: 'canonical form', wanted: root.name })
  }
}

function addTo(digest: CanonicalDigest, read: ReadPiece): Buffer {
  try {
    return digest.add(read, childNamed(read.document.root, signatureNamespace, 'Signature'))
  } catch (error) {
    if (!(error instanceof CanonicalFormTooLong)) throw error
    // It was not, in the first reading.
    throw changed()
  }
}

function scanAgain(document: MetadataDocument, canonical: Buffer): MetadataDocument {
  try {
    return new MetadataDocument(scan(canonical, documentRules).root)
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    const detail = { check: 'canonical form', arrived: error.message }
    return document.refuse('metadata_signature_invalid', document.root, detail, { cause: error })
  }
}

/** The file was replaced between the readings. */
export function changed(): LatchkeyError {
  return new LatchkeyError('metadata_changed', {
    check: 'metadata',
    wanted: 'the same in both readings',
    arrived: 'something else the second time',
    advice: 'Try again when nothing writes to it.',
  })
}
