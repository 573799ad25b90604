import type { ErrorCode, ErrorDetail, FixSide, LatchkeyError } from '../errors.ts'

/** A refusal as a preview tells it: what was checked, what was wanted, what arrived, and which side must act. */
export interface RefusalFact extends ErrorDetail {
  readonly code: ErrorCode
  readonly sentence: string
  readonly fix: FixSide
}

export function describeRefusal({ code, message, fix, detail }: LatchkeyError): RefusalFact {
  return { code, sentence: message, fix, ...detail }
}
