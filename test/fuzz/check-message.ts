import { type ErrorCode, isLatchkeyError } from '../../src/errors.ts'
import { decodeResponse, type VerifiedAssertion, verifyResponse } from '../../src/saml/index.ts'
import type { BaseMessage } from './inputs.ts'

export type MessageOutcome = { readonly assertion: VerifiedAssertion } | { readonly code: ErrorCode }

/** Verifies as the sign-in would. Throws whatever is no refusal: that is a crash. */
export function verifyMessage(bytes: Buffer, { trust, now }: BaseMessage): MessageOutcome {
  try {
    return { assertion: verifyResponse(decodeResponse(bytes.toString('base64')), trust, now) }
  } catch (error) {
    if (isLatchkeyError(error)) return { code: error.code }
    throw error
  }
}
