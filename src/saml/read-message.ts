import type { ErrorCode } from '../errors.ts'
import { refusal } from './refusal.ts'
import type { XmlElement } from './xml/element.ts'
import { scan } from './xml/scan.ts'
import { ScanError, type ScanProblem } from './xml/scan-error.ts'
import { messageRules, type ScanRules } from './xml/scan-rules.ts'

const codeOf: Readonly<Record<ScanProblem, ErrorCode>> = {
  malformed: 'saml_malformed',
  limit: 'saml_limits_exceeded',
  doctype: 'saml_doctype_not_allowed',
  comment: 'saml_comment_not_allowed',
  'processing-instruction': 'saml_processing_instruction_not_allowed',
}

/** Scans a protocol message, or the canonical bytes of a part of it. Throws the code of whatever the scanner refuses. */
export function readMessage(xml: string | Buffer, rules: ScanRules = messageRules): XmlElement {
  try {
    return scan(xml, rules).root
  } catch (error) {
    if (!(error instanceof ScanError)) throw error
    throw refusal(codeOf[error.problem], {
      check: 'XML',
      wanted: 'well-formed XML within the limits of a message, without DOCTYPE, comments or processing instructions',
      arrived: error.message,
      at: `line ${error.line}, column ${error.column}`,
    })
  }
}
