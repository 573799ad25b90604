import { type Clock, clockOf, maxClockSkewSeconds } from './clock.ts'
import type { DecodedResponse } from './decoded-response.ts'
import { assertionNamespace } from './names.ts'
import { readMessage } from './read-message.ts'
import { refusal } from './refusal.ts'
import { checkAuthnStatement } from './response/check-authn-statement.ts'
import { checkConditions } from './response/check-conditions.ts'
import { checkInResponseTo } from './response/check-in-response-to.ts'
import { checkNameIdFormat } from './response/check-name-id-format.ts'
import { checkResponse, checkVersion } from './response/check-response.ts'
import { checkSubjectConfirmation } from './response/check-subject-confirmation.ts'
import { checkIssuer } from './response/issuer.ts'
import { locateParts, type ResponseParts } from './response/locate-parts.ts'
import { type AssertionContent, readAssertion } from './response/read-assertion.ts'
import { type ResponseContent, readResponse } from './response/read-response.ts'
import { type SignedContent, verifySignature } from './signature/verify-signature.ts'
import type { TrustSettings } from './trust-settings.ts'
import type { Assertion, VerifiedAssertion } from './verified-assertion.ts'
import { withoutUndefined } from './without-undefined.ts'
import { childNamed, isElement, type XmlElement } from './xml/element.ts'

/**
 * Verifies a Response of web single sign-on and returns what its assertion says. Start reading here.
 *
 * The order is fixed, and what is returned is read from signed bytes alone:
 * 1. the message is scanned, and its one assertion and its signatures are located;
 * 2. every signature that is there must verify, whether it is needed or not; each gives back the element it signed, read
 *    again from the canonical bytes (`signature/verify-signature.ts`);
 * 3. the Response is checked, from its signed form if it has one; unsigned, it can only refuse;
 * 4. the assertion is read from signed bytes and checked: issuer, conditions, subject confirmation, authentication.
 *
 * It does not know whether the assertion was used before, or whether the request it answers is ours: the caller consumes
 * `id` and `inResponseTo`, each once.
 *
 * Throws a `LatchkeyError` with a code `saml_…` that names the check, and `configuration_invalid` for a clock skew that is
 * none. SAML Core 5.4, SAML Profiles 4.1.4.
 */
export function verifyResponse(response: DecodedResponse, trust: TrustSettings, now: Date): VerifiedAssertion {
  const clock = clockOf(trust, now)
  const parts = locateParts(readMessage(response.xml))
  const signed = verifySignatures(parts, trust)
  const envelope = readResponse(signed.response?.root ?? parts.response)
  checkResponse(envelope, signed.response !== undefined, trust)
  checkWhatIsThere(parts)
  checkWhatIsSigned(signed, trust)
  const content = readAssertion(signedAssertion(signed))
  return checkAssertion(content, envelope, signed, trust, clock) as VerifiedAssertion
}

interface Signed {
  readonly response: SignedContent | undefined
  readonly assertion: SignedContent | undefined
}

/** A signature that is there and broken refuses, even where another one would be enough. */
function verifySignatures(parts: ResponseParts, { signingKeys }: TrustSettings): Signed {
  const { response, responseSignature, assertion, assertionSignature } = parts
  return {
    response: responseSignature && verifySignature(response, responseSignature, signingKeys),
    assertion: assertion && assertionSignature && verifySignature(assertion, assertionSignature, signingKeys),
  }
}

function checkWhatIsThere({ assertion, encryptedAssertion }: ResponseParts): void {
  if (assertion !== undefined) return
  const code = encryptedAssertion === undefined ? 'saml_assertion_missing' : 'saml_assertion_encrypted'
  throw refusal(code, { check: 'Response', wanted: 'Assertion', arrived: encryptedAssertion?.name })
}

function checkWhatIsSigned({ response, assertion }: Signed, trust: TrustSettings): void {
  if (response === undefined && trust.wantResponseSigned === true) throw signatureMissing('a signature of the Response')
  if (assertion === undefined && trust.wantAssertionsSigned === true) {
    throw signatureMissing('a signature of the Assertion')
  }
  if (response === undefined && assertion === undefined) {
    throw signatureMissing('a signature of the Response or the Assertion')
  }
}

function signatureMissing(wanted: string) {
  return refusal('saml_signature_missing', { check: 'Signature', wanted })
}

/** The assertion as it was signed: by its own signature, or else inside the signed Response. */
function signedAssertion({ response, assertion }: Signed): XmlElement {
  const found =
    assertion?.root ?? (response && childNamed(locateParts(response.root).response, assertionNamespace, 'Assertion'))
  if (isElement(found, assertionNamespace, 'Assertion')) return found
  throw refusal('saml_assertion_missing', { check: 'signed content', wanted: 'Assertion' })
}

function checkAssertion(
  content: AssertionContent,
  envelope: ResponseContent,
  signed: Signed,
  trust: TrustSettings,
  clock: Clock,
): Assertion {
  checkVersion('Assertion', content.version)
  checkIssuer('Assertion', content.issuer, trust)
  checkConditions(content.conditions, trust, clock)
  const confirmations = checkSubjectConfirmation(content.confirmations, trust, clock)
  const inResponseTo = checkInResponseTo(envelope, signed.response !== undefined, confirmations, trust)
  checkNameIdFormat(content.nameId, trust)
  const authn = checkAuthnStatement(content.authnStatements, trust, clock)
  return withoutUndefined({
    id: content.id,
    issuer: content.issuer.value,
    nameId: content.nameId,
    inResponseTo,
    sessionIndex: authn.sessionIndex,
    sessionNotOnOrAfter: authn.sessionNotOnOrAfter,
    authnInstant: authn.authnInstant,
    authnContextClassRef: authn.authnContextClassRef,
    attributes: content.attributes,
    replayableUntil: replayableUntil(content),
    signed: withoutUndefined({ response: signed.response?.fingerprint, assertion: signed.assertion?.fingerprint }),
  })
}

/** The longest that any confirmation and the conditions allow, with the largest skew that can be configured. */
function replayableUntil({ conditions, confirmations }: AssertionContent): Date {
  const ends = confirmations.map(({ notOnOrAfter }) => notOnOrAfter?.getTime() ?? Number.NEGATIVE_INFINITY)
  const end = Math.min(Math.max(...ends), conditions.notOnOrAfter?.getTime() ?? Number.POSITIVE_INFINITY)
  return new Date(end + maxClockSkewSeconds * 1000)
}
