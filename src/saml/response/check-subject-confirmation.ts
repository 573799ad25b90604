import { isLatchkeyError, type LatchkeyError } from '../../errors.ts'
import type { Clock } from '../clock.ts'
import { bearerMethod } from '../names.ts'
import { refusal } from '../refusal.ts'
import type { TrustSettings } from '../trust-settings.ts'
import { checkNotBefore, checkNotOnOrAfter } from './check-conditions.ts'
import type { SubjectConfirmation } from './read-assertion.ts'

/** A confirmation whose recipient and times hold. */
export type BearerConfirmation = SubjectConfirmation & { readonly recipient: string; readonly notOnOrAfter: Date }

/**
 * The bearer confirmations that hold: at least one. When none does, the refusal is that of the one that failed last in
 * the order of the checks, because it is the one that was meant for us. SAML Profiles 4.1.4.2, 4.1.4.3.
 *
 * Throws `saml_subject_confirmation_invalid`, `saml_recipient_mismatch`, `saml_time_invalid`, `saml_not_yet_valid`,
 * `saml_expired`.
 */
export function checkSubjectConfirmation(
  confirmations: readonly SubjectConfirmation[],
  trust: TrustSettings,
  clock: Clock,
): readonly BearerConfirmation[] {
  const bearers = confirmations.filter((confirmation) => confirmation.method === bearerMethod)
  if (bearers.length === 0) {
    const arrived = confirmations.map((confirmation) => confirmation.method).join(' ') || undefined
    throw refusal('saml_subject_confirmation_invalid', { check: 'SubjectConfirmation', wanted: bearerMethod, arrived })
  }
  const results = bearers.map((bearer) => outcomeOf(bearer, trust, clock))
  const valid = results.filter((result) => !isLatchkeyError(result)) as readonly BearerConfirmation[]
  if (valid.length === 0) throw mostTelling(results as readonly LatchkeyError[])
  return valid
}

function outcomeOf(
  bearer: SubjectConfirmation,
  trust: TrustSettings,
  clock: Clock,
): BearerConfirmation | LatchkeyError {
  try {
    checkBearer(bearer, trust, clock)
    return bearer
  } catch (error) {
    if (isLatchkeyError(error)) return error
    throw error
  }
}

/**
 * The profile wants no NotBefore here. Some identity providers send one; it is then held to what it says.
 */
function checkBearer(
  bearer: SubjectConfirmation,
  trust: TrustSettings,
  clock: Clock,
): asserts bearer is BearerConfirmation {
  const of = 'SubjectConfirmationData'
  if (bearer.recipient !== trust.acsUrl) {
    const { recipient: arrived } = bearer
    throw refusal('saml_recipient_mismatch', { check: `${of}/Recipient`, wanted: trust.acsUrl, arrived })
  }
  if (bearer.notOnOrAfter === undefined) {
    throw refusal('saml_time_invalid', { check: `${of}/NotOnOrAfter`, wanted: 'a time' })
  }
  checkNotBefore(of, bearer.notBefore, clock)
  checkNotOnOrAfter(of, bearer.notOnOrAfter, clock)
}

const order = ['saml_recipient_mismatch', 'saml_time_invalid', 'saml_not_yet_valid', 'saml_expired']

function mostTelling(refusals: readonly LatchkeyError[]): LatchkeyError | undefined {
  return [...refusals].sort((one, other) => order.indexOf(other.code) - order.indexOf(one.code))[0]
}
