import { createHash } from 'node:crypto'
import { type CutterLimits, DocumentCutter } from './document-cutter.ts'
import type { DocumentPiece } from './document-piece.ts'
import { type MetadataDocument, scanPiece } from './metadata-document.ts'

export interface ReadPiece {
  readonly piece: DocumentPiece
  readonly document: MetadataDocument
}

/**
 * One reading of a document from its beginning to its end, whatever its length: text in, pieces out, each read by the strict
 * scanner. Throws what that and the cutter throw.
 */
export class DocumentReader {
  readonly #cutter: DocumentCutter
  readonly #onPiece: (read: ReadPiece) => void
  readonly #text = createHash('sha256')
  readonly #gatheredCharacters: number
  #gathered = ''

  constructor(onPiece: (read: ReadPiece) => void, limits: CutterLimits) {
    this.#gatheredCharacters = limits.partCharacters
    this.#cutter = new DocumentCutter(limits)
    this.#onPiece = onPiece
  }

  /** Small parts are gathered: a long token is looked at again with each part that arrives. */
  push(text: string): void {
    this.#gathered += text
    if (this.#gathered.length >= this.#gatheredCharacters) this.#pushGathered()
  }

  #pushGathered(): void {
    const text = this.#gathered
    this.#gathered = ''
    this.#text.update(text, 'utf16le')
    this.#read(this.#cutter.push(text))
  }

  /** Digest of the whole text: two readings with the same one read the same. */
  end(): string {
    this.#pushGathered()
    this.#read(this.#cutter.end())
    return this.#text.digest('hex')
  }

  #read(pieces: Iterable<DocumentPiece>): void {
    for (const piece of pieces) this.#onPiece({ piece, document: scanPiece(piece) })
  }
}
