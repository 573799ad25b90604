import { createHash } from 'node:crypto'
import type { SignedInfo } from '../signature/signature-parts.ts'
import { CanonicalFormTooLong, canonicalBytes } from '../xml/canonicalize.ts'
import type { XmlElement } from '../xml/element.ts'
import { scan } from '../xml/scan.ts'
import { documentRules } from '../xml/scan-rules.ts'
import { endsOf, type OpenElement, startsOf } from './document-piece.ts'
import type { ReadPiece } from './document-reader.ts'

type SignedForm = Pick<SignedInfo, 'digestHash' | 'referenceInclusivePrefixes'>

/** A piece repeats what its siblings declare: its canonical form may be longer, but not without bound. */
const maxPieceCharacters = 16 * 1024 * 1024

/**
 * The digest of a document's canonical form, piece by piece. What an element looks like in it depends on its ancestors and
 * on nothing else (Exclusive XML Canonicalization 1.0 section 3), and a piece has them: so its canonical form without the
 * tags around it is that part of the whole's.
 */
export class CanonicalDigest {
  readonly #form: SignedForm
  readonly #hash
  #bytes = 0

  constructor(form: SignedForm) {
    this.#form = form
    this.#hash = createHash(form.digestHash)
  }

  /** Adds a piece, `without` an element; gives its canonical form, tags around it included. Throws `CanonicalFormTooLong`. */
  add({ piece, document }: ReadPiece, without: XmlElement | undefined): Buffer {
    const canonical = this.#canonicalize(document.root, without)
    const start = this.#lengthOfStarts(piece.before)
    // Names are ASCII: as many bytes as characters.
    const end = canonical.length - endsOf(piece.after).length
    this.#bytes += end - start
    if (this.#bytes > documentRules.maxCharacters) throw new CanonicalFormTooLong()
    this.#hash.update(canonical.subarray(start, end))
    return canonical
  }

  digest(): Buffer {
    return this.#hash.digest()
  }

  #canonicalize(root: XmlElement, without?: XmlElement): Buffer {
    return canonicalBytes(root, {
      ...(without === undefined ? {} : { without }),
      inclusivePrefixes: this.#form.referenceInclusivePrefixes,
      maxCharacters: maxPieceCharacters,
    })
  }

  #lengthOfStarts(open: readonly OpenElement[]): number {
    if (open.length === 0) return 0
    const ends = endsOf(open)
    return this.#canonicalize(scan(startsOf(open) + ends, documentRules).root).length - ends.length
  }
}
