import { type ErrorCode, type ErrorDetail, LatchkeyError } from '../errors.ts'

/** What every refusal of this folder says: which check, what it wanted, what arrived. */
export interface RefusalDetail extends Omit<ErrorDetail, 'arrived'> {
  /** In the words of the specification: `Audience`, `SubjectConfirmationData/Recipient`. */
  readonly check: string
  readonly wanted: string
  /** Left out or undefined: nothing arrived. */
  readonly arrived?: string | undefined
}

const maxArrivedCharacters = 300

/** A refusal whose detail is complete, and short whatever the message contained. */
export function refusal(code: ErrorCode, detail: RefusalDetail): LatchkeyError {
  return new LatchkeyError(code, { ...detail, arrived: shorten(detail.arrived ?? 'nothing') })
}

function shorten(text: string): string {
  return text.length <= maxArrivedCharacters ? text : `${text.slice(0, maxArrivedCharacters)}…`
}
