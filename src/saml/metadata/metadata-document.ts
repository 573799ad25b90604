import { type ErrorCode, type ErrorDetail, LatchkeyError } from '../../errors.ts'
import type { XmlElement } from '../xml/element.ts'
import { scan } from '../xml/scan.ts'
import { ScanError } from '../xml/scan-error.ts'
import { documentRules } from '../xml/scan-rules.ts'
import type { DocumentPiece } from './document-piece.ts'

/** The XML of a metadata file or of a piece of it, and refusals that name the line. */

export const metadataNamespace = 'urn:oasis:names:tc:SAML:2.0:metadata'

export class MetadataDocument {
  readonly root: XmlElement
  readonly #piece: DocumentPiece | undefined

  /** Without a piece, no line can be named: what was read again from signed bytes has none. */
  constructor(root: XmlElement, piece?: DocumentPiece) {
    this.root = root
    this.#piece = piece
  }

  /** `line 12, md:SingleSignOnService`; lines count as in the file that was handed over. */
  placeOf(element: XmlElement): string {
    if (this.#piece === undefined) return element.name
    return `line ${this.#piece.placeAt(element.position).line}, ${element.name}`
  }

  refuse(code: ErrorCode, element: XmlElement, detail: ErrorDetail, options?: ErrorOptions): never {
    throw new LatchkeyError(code, { at: this.placeOf(element), ...detail }, options)
  }
}

/** Throws `metadata_malformed`, and `metadata_too_large` when something in it is larger or more deeply nested than we read. */
export function scanPiece(piece: DocumentPiece): MetadataDocument {
  try {
    return new MetadataDocument(scan(piece.xml, documentRules).root, piece)
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    const code = error.problem === 'limit' ? 'metadata_too_large' : 'metadata_malformed'
    const { line, column } = piece.placeOf(error)
    const detail = { check: 'XML', arrived: error.message, at: `line ${line}, column ${column}` }
    throw new LatchkeyError(code, isPage(piece) ? { ...detail, advice: saveAsOffered } : detail, { cause: error })
  }
}

/** For somebody who saved something else. */
export const saveAsOffered = 'Save the metadata exactly as the identity provider offers it, not a page about it.'

function isPage({ xml }: DocumentPiece): boolean {
  return /^<(?:!doctype[ \n]+)?html\b/i.test(xml)
}
