import { type Clock, describeClock } from '../clock.ts'
import { refusal } from '../refusal.ts'
import type { TrustSettings } from '../trust-settings.ts'
import { checkNotBefore } from './check-conditions.ts'
import type { BearerConfirmation } from './check-subject-confirmation.ts'
import type { ResponseContent } from './read-response.ts'

/**
 * The ID of the request that is answered, or undefined when none is. Only signed values answer: that of a confirmation,
 * which always makes the response a solicited one, or that of a signed Response. The value of an unsigned Response can only
 * refuse. Whether the request is ours, still open and from this browser, the caller must decide.
 *
 * Throws `saml_in_response_to_mismatch`, `saml_unsolicited`. SAML Profiles 4.1.4.3, 4.1.5.
 */
export function checkInResponseTo(
  response: ResponseContent,
  responseIsSigned: boolean,
  confirmations: readonly BearerConfirmation[],
  trust: TrustSettings,
): string | undefined {
  const confirmed = confirmations.map((confirmation) => confirmation.inResponseTo).filter((id) => id !== undefined)
  const signed = confirmed.length === 0 && responseIsSigned ? [response.inResponseTo] : confirmed
  const answered = signed.find((id) => id === response.inResponseTo) ?? signed[0]
  if (response.inResponseTo !== undefined && answered !== response.inResponseTo) {
    throw refusal('saml_in_response_to_mismatch', {
      check: 'SubjectConfirmationData/InResponseTo',
      wanted: `${response.inResponseTo}, as in Response/InResponseTo`,
      arrived: answered,
    })
  }
  if (answered === undefined && trust.allowIdpInitiated !== true) {
    throw refusal('saml_unsolicited', {
      check: 'SubjectConfirmationData/InResponseTo',
      wanted: 'the ID of a request of ours',
      advice: 'Allow sign-ins that begin at the identity provider for this connection, or begin the sign-in here.',
    })
  }
  return answered
}

/**
 * No request of ours bounds how old a response is that answers none: whoever got hold of one could use it as long as it says
 * itself. Throws `saml_unsolicited_too_old`, `saml_not_yet_valid`. SAML Core 2.3.3, SAML Profiles 4.1.5.
 */
export function checkUnsolicitedAge(
  issueInstant: Date,
  { maxUnsolicitedAgeSeconds }: TrustSettings,
  clock: Clock,
): void {
  if (maxUnsolicitedAgeSeconds === undefined) return
  checkNotBefore('IssueInstant', issueInstant, clock)
  const ageMilliseconds = clock.now.getTime() - issueInstant.getTime()
  if (ageMilliseconds <= (maxUnsolicitedAgeSeconds + clock.skewSeconds) * 1000) return
  throw refusal('saml_unsolicited_too_old', {
    check: 'Assertion/IssueInstant',
    wanted: `at most ${maxUnsolicitedAgeSeconds} s before ${describeClock(clock)}`,
    arrived: issueInstant.toISOString(),
    advice: 'Begin the sign-in at the identity provider again. Compare the clocks when that does not help.',
  })
}
