import { type ErrorCode, type ErrorDetail, LatchkeyError } from '../../errors.ts'
import type { XmlElement } from '../xml/element.ts'
import { scan } from '../xml/scan.ts'
import { lineOf, ScanError } from '../xml/scan-error.ts'
import { documentRules } from '../xml/scan-rules.ts'

/** The XML of a metadata file, and refusals that name the line. */

export const metadataNamespace = 'urn:oasis:names:tc:SAML:2.0:metadata'

interface MetadataText {
  readonly text: string
  readonly linesBefore: number
}

export class MetadataDocument {
  readonly root: XmlElement
  readonly #source: MetadataText | undefined

  /** Without a source, no line can be named: what was read again from signed bytes has none. */
  constructor({ root, source }: { readonly root: XmlElement; readonly source?: MetadataText }) {
    this.root = root
    this.#source = source
  }

  /** `line 12, md:SingleSignOnService`; lines count as in the file that was handed over. */
  placeOf(element: XmlElement): string {
    if (this.#source === undefined) return element.name
    const { text, linesBefore } = this.#source
    return `line ${linesBefore + lineOf(text, element.position)}, ${element.name}`
  }

  refuse(code: ErrorCode, element: XmlElement, detail: ErrorDetail, options?: ErrorOptions): never {
    throw new LatchkeyError(code, { at: this.placeOf(element), ...detail }, options)
  }
}

/**
 * A byte order mark and blank lines in front are no fault: people paste metadata. Throws `metadata_malformed`, and `metadata_too_large` when
 * the file is longer or more deeply nested than we read.
 */
export function scanMetadata(text: string): MetadataDocument {
  const xml = text.replace(/^\uFEFF?[ \t\r\n]*/, '')
  if (!xml.startsWith('<')) refuseOther(xml)
  const linesBefore = text.slice(0, text.length - xml.length).split(/\r?\n|\r/).length - 1
  try {
    const { root, text: read } = scan(xml, documentRules)
    return new MetadataDocument({ root, source: { text: read, linesBefore } })
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    const code = error.problem === 'limit' ? 'metadata_too_large' : 'metadata_malformed'
    const detail = {
      check: 'XML',
      arrived: error.message,
      at: `line ${linesBefore + error.line}, column ${error.column}`,
    }
    throw new LatchkeyError(code, detail, { cause: error })
  }
}

function refuseOther(text: string): never {
  throw new LatchkeyError('metadata_malformed', {
    check: 'XML',
    wanted: 'an XML document',
    arrived: text === '' ? 'an empty file' : 'a text that does not begin with "<"',
    at: 'line 1',
    advice: 'Save the metadata exactly as the identity provider offers it, not a page about it.',
  })
}
