/**
 * SAML 2.0 for a service provider: bytes and trust settings in, a verified assertion or a refusal out.
 *
 * This folder knows nothing of accounts, storage or HTTP, and imports nothing of ours but `errors.ts`. Everything public
 * is exported here. Start reading at `verify-response.ts`; the XML it stands on is in `xml/`.
 */
export type { DecodedResponse } from './decoded-response.ts'
export type { SigningKey, TrustSettings } from './trust-settings.ts'
export type { Assertion, Attribute, NameId, VerifiedAssertion } from './verified-assertion.ts'
