import type { ErrorCode } from '../../src/errors.ts'

/**
 * Refusals that are a decision, not a shortcoming: another verifier may accept such a message, and Latchkey will not.
 * `docs/decisions/0010`, `0011`, `0100` and `0102` say more. Codes that only say that a message does not fit its settings (another
 * audience, a time that has passed, a signature by another key) are not among them, and neither is weak cryptography
 * for which there is a switch: such a message is tried again with all of them on.
 */
export const policyCodes: ReadonlyMap<ErrorCode, string> = new Map([
  ['saml_comment_not_allowed', 'two readers may see different text around a comment'],
  ['saml_processing_instruction_not_allowed', 'two readers may see different text around a processing instruction'],
  ['saml_doctype_not_allowed', 'a document type can change what a document says'],
  ['saml_malformed', 'XML that is well-formed, in UTF-8, with ASCII names and absolute namespaces, and nothing else'],
  ['saml_limits_exceeded', 'depth and counts are bounded, so that work is'],
  ['saml_too_large', 'size is bounded, so that work is'],
  ['saml_id_invalid', 'an ID that is missing, malformed or there twice could name something else'],
  ['saml_structure_invalid', "only what SAML's schema names, each in its place: nothing is passed over in silence"],
  ['saml_signature_missing', 'nothing unsigned is believed'],
  ['saml_signature_misplaced', 'a signature stands in what it signs and nowhere else'],
  ['saml_signature_malformed', 'one SignedInfo, one Reference, to the ID of the parent (SAML Core 5.4.2)'],
  ['saml_signature_algorithm_not_allowed', 'inclusive canonicalization, further transforms, HMAC, DSA, RSA-PSS'],
  [
    'saml_key_too_weak',
    'RSA under 1024 bits, and curves other than P-256, P-384 and P-521, for which there is no switch',
  ],
  ['saml_encryption_malformed', 'one EncryptedData of Type Element, with its bytes and keys inside the message'],
  [
    'saml_encryption_algorithm_not_allowed',
    'AES-CBC only inside a signature, PKCS#1 v1.5 never: both let others decrypt',
  ],
  ['saml_audience_missing', 'an assertion says for whom it was issued (SAML Profiles 4.1.4.2)'],
  ['saml_condition_unknown', 'a condition that is not understood is not met (SAML Core 2.5.1)'],
  ['saml_subject_missing', 'an assertion says about whom it is'],
  ['saml_subject_confirmation_invalid', 'only bearer confirmations are accepted here (SAML Profiles 4.1.4.2)'],
  ['saml_time_invalid', 'a bearer confirmation ends (SAML Profiles 4.1.4.2), and times are in UTC'],
  ['saml_authn_statement_missing', 'an assertion for sign-in says that the person signed in (SAML Profiles 4.1.4.2)'],
  ['saml_in_response_to_mismatch', 'only a signed InResponseTo answers a request'],
  ['saml_version_unsupported', 'SAML 2.0 only'],
])

/** A signed Response names where it is sent (SAML Bindings 3.5.5.2), a bearer confirmation too (SAML Profiles 4.1.4.2). */
const mustBeThere: ReadonlySet<ErrorCode> = new Set(['saml_destination_mismatch', 'saml_recipient_mismatch'])

/** The reason why a refusal is a decision; undefined when it is none. */
export function policyOf(code: ErrorCode, check: string, arrived: string): string | undefined {
  if (code === 'saml_issuer_mismatch' && check.endsWith('/Format')) {
    return 'an issuer is named by its entity ID (SAML Profiles 4.1.4.2)'
  }
  if (mustBeThere.has(code) && arrived === 'nothing') return 'the message does not say where it is meant to go'
  return policyCodes.get(code)
}
