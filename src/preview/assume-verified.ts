import type { Assertion, Attribute, NameId, VerifiedAssertion } from '../saml/verified-assertion.ts'

/** What an assertion would say about a person. */
export interface AssumedContent {
  readonly nameId?: NameId
  readonly attributes: readonly Attribute[]
  readonly authnContextClassRef?: string
}

/**
 * Takes for granted what nobody signed, or what was verified long ago: for previews and replays alone. It opens no door: a sign-in is applied
 * only by `sign-in/`, which may not import this folder (`tools/check-imports.mjs`). See docs/decisions/0240.
 */
export function assumeVerified(content: AssumedContent, now: Date): VerifiedAssertion {
  const assertion: Assertion = { id: '', issuer: '', authnInstant: now, replayableUntil: now, signed: {}, ...content }
  return assertion as VerifiedAssertion
}
