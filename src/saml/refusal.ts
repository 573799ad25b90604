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
  return new LatchkeyError(code, { ...detail, arrived: shorten(detail.arrived || 'nothing') })
}

/** Cut between characters: half of a surrogate pair could not be stored. */
function shorten(text: string): string {
  if (text.length <= maxArrivedCharacters) return text
  const endsInsidePair = /[\ud800-\udbff]/.test(text.charAt(maxArrivedCharacters - 1))
  return `${text.slice(0, maxArrivedCharacters - (endsInsidePair ? 1 : 0))}…`
}
