import type { AssumedContent } from '../preview/assume-verified.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'

/** What is kept of a verified assertion: what mapping goes by, and nothing else. */
export function contentOf({ nameId, attributes, authnContextClassRef }: VerifiedAssertion): AssumedContent {
  return {
    ...(nameId === undefined ? {} : { nameId }),
    attributes,
    ...(authnContextClassRef === undefined ? {} : { authnContextClassRef }),
  }
}
