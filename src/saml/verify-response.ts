import { checkSettings, invalid } from './check-settings.ts'
import { type Clock, clockOf, maxClockSkewSeconds } from './clock.ts'
import type { DecodedResponse } from './decoded-response.ts'
import { Decryptor } from './encryption/decryptor.ts'
import { assertionNamespace } from './names.ts'
import { readMessage } from './read-message.ts'
import { refusal } from './refusal.ts'
import { checkAuthnStatement } from './response/check-authn-statement.ts'
import { checkConditions } from './response/check-conditions.ts'
import { checkInResponseTo, checkUnsolicitedAge } from './response/check-in-response-to.ts'
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
 * 4. an encrypted assertion is opened, and its own signature verified as in 2 (`encryption/decryptor.ts`);
 * 5. the assertion is read from signed bytes and checked: issuer, conditions, subject confirmation, authentication.
 *
 * It does not know whether the assertion was used before, or whether the request it answers is ours: the caller consumes
 * `id` and `inResponseTo`, each once.
 *
 * Throws a `LatchkeyError` with a code `saml_…` that names the check, and `configuration_invalid` for settings that are not of
 * their kind. SAML Core 5.4, SAML Profiles 4.1.4.
 */
export function verifyResponse(response: DecodedResponse, trust: TrustSettings, now: Date): VerifiedAssertion {
  checkSettings(trust, ['identityProviderEntityId', 'serviceProviderEntityId', 'acsUrl'])
  const clock = clockOf(trust, now)
  if (!Buffer.isBuffer(response?.bytes)) throw invalid('response', 'what decodeResponse gives', response)
  const parts = locateParts(readMessage(response.bytes))
  const signedParts = verifySignatures(parts, trust)
  const envelope = readResponse(signedParts.response?.root ?? parts.response)
  checkResponse(envelope, signedParts.response !== undefined, trust)
  checkWhatIsThere(parts, trust)
  checkResponseSigned(signedParts, trust)
  const decryptor = new Decryptor(trust)
  const signed = openAssertion(parts, signedParts, decryptor, trust)
  checkAssertionSigned(signed, trust)
  const content = readAssertion(signedAssertion(signed), decryptor)
  return checkAssertion(content, envelope, signed, trust, clock) as VerifiedAssertion
}

interface Signed {
  readonly response: SignedContent | undefined
  readonly assertion: SignedContent | undefined
  /** The assertion that stood encrypted in the response; inside a signature only where the response has one. */
  readonly decrypted?: XmlElement
}

/** A signature that is there and broken refuses, even where another one would be enough. */
function verifySignatures(parts: ResponseParts, trust: TrustSettings): Signed {
  const { response, responseSignature } = parts
  return {
    response: responseSignature && verifySignature(response, responseSignature, trust.signingKeys, trust),
    assertion: verifyAssertionSignature(parts, trust),
  }
}

function verifyAssertionSignature({ assertion, assertionSignature }: ResponseParts, trust: TrustSettings) {
  return assertion && assertionSignature && verifySignature(assertion, assertionSignature, trust.signingKeys, trust)
}

function checkWhatIsThere({ assertion, encryptedAssertion }: ResponseParts, trust: TrustSettings): void {
  if (encryptedAssertion !== undefined) return
  const detail = { check: 'Response', wanted: 'Assertion' }
  if (assertion === undefined) throw refusal('saml_assertion_missing', detail)
  if (trust.wantAssertionsEncrypted !== true) return
  throw refusal('saml_encryption_missing', { check: 'Response', wanted: 'EncryptedAssertion', arrived: assertion.name })
}

/** What is encrypted in a signed Response is taken from its signed bytes. SAML Core 2.3.4, 6. */
function openAssertion(parts: ResponseParts, signed: Signed, decryptor: Decryptor, trust: TrustSettings): Signed {
  if (parts.encryptedAssertion === undefined) return signed
  const { response } = signed
  const encrypted = childNamed(response?.root ?? parts.response, assertionNamespace, 'EncryptedAssertion')
  if (encrypted === undefined) throw assertionMissing()
  const decrypted = decryptor.decrypt(encrypted, { wanted: 'Assertion', isSigned: response !== undefined })
  return { response, assertion: verifyAssertionSignature(locateParts(parts.response, decrypted), trust), decrypted }
}

function checkResponseSigned({ response }: Signed, trust: TrustSettings): void {
  if (response === undefined && trust.wantResponseSigned === true) throw signatureMissing('a signature of the Response')
}

function checkAssertionSigned({ response, assertion }: Signed, trust: TrustSettings): void {
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

/** The assertion as it was signed: by its own signature, or else inside the signed Response, encrypted there or not. */
function signedAssertion({ response, assertion, decrypted }: Signed): XmlElement {
  const found = assertion?.root ?? (response && (decrypted ?? assertionIn(response.root)))
  if (isElement(found, assertionNamespace, 'Assertion')) return found
  throw assertionMissing()
}

function assertionMissing() {
  return refusal('saml_assertion_missing', { check: 'signed content', wanted: 'Assertion' })
}

function assertionIn(response: XmlElement): XmlElement | undefined {
  return childNamed(locateParts(response).response, assertionNamespace, 'Assertion')
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
  if (inResponseTo === undefined) checkUnsolicitedAge(content.issueInstant, trust, clock)
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
