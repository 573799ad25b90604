import { describeAuthnContext, satisfiesAuthnContext } from '../authn-context.ts'
import { type Clock, describeClock } from '../clock.ts'
import { refusal } from '../refusal.ts'
import type { TrustSettings } from '../trust-settings.ts'
import { checkNotBefore } from './check-conditions.ts'
import type { AuthnStatement } from './read-assertion.ts'

/**
 * The statement that counts: the first, with the earliest end of session among all. SAML Core 2.7.2.
 *
 * Throws `saml_authn_statement_missing`, `saml_session_expired`, `saml_not_yet_valid`, `saml_authn_too_old`,
 * `saml_authn_context_mismatch`.
 */
export function checkAuthnStatement(
  statements: readonly AuthnStatement[],
  trust: TrustSettings,
  clock: Clock,
): AuthnStatement {
  const [first] = statements
  if (first === undefined) {
    throw refusal('saml_authn_statement_missing', { check: 'Assertion', wanted: 'AuthnStatement' })
  }
  const sessionNotOnOrAfter = earliest(statements.map((statement) => statement.sessionNotOnOrAfter))
  checkSessionEnd(sessionNotOnOrAfter, clock)
  checkAge(first.authnInstant, trust, clock)
  checkContext(first.authnContextClassRef, trust)
  return { ...first, sessionNotOnOrAfter }
}

function earliest(times: readonly (Date | undefined)[]): Date | undefined {
  const [first] = times.filter((time) => time !== undefined).sort((one, other) => one.getTime() - other.getTime())
  return first
}

/** Without skew: a session of ours ends when theirs does, so one that has ended by our clock would be over at once. */
function checkSessionEnd(end: Date | undefined, { now }: Clock): void {
  if (end === undefined || now.getTime() < end.getTime()) return
  throw refusal('saml_session_expired', {
    check: 'AuthnStatement/SessionNotOnOrAfter',
    wanted: `a time after ${now.toISOString()} by our clock`,
    arrived: end.toISOString(),
  })
}

function checkAge(authnInstant: Date, { maxAuthnAgeSeconds }: TrustSettings, clock: Clock): void {
  if (maxAuthnAgeSeconds === undefined) return
  checkNotBefore('AuthnInstant', authnInstant, clock)
  const ageMilliseconds = clock.now.getTime() - authnInstant.getTime()
  if (ageMilliseconds <= (maxAuthnAgeSeconds + clock.skewSeconds) * 1000) return
  throw refusal('saml_authn_too_old', {
    check: 'AuthnStatement/AuthnInstant',
    wanted: `at most ${maxAuthnAgeSeconds} s before ${describeClock(clock)}`,
    arrived: authnInstant.toISOString(),
  })
}

/** Held to also where no request of ours was answered: a sign-in begun elsewhere must not be a way around it. SAML Core 3.3.2.2.1. */
function checkContext(classRef: string | undefined, { requestedAuthnContext }: TrustSettings): void {
  if (requestedAuthnContext === undefined || satisfiesAuthnContext(classRef, requestedAuthnContext)) return
  throw refusal('saml_authn_context_mismatch', {
    check: 'AuthnStatement/AuthnContext/AuthnContextClassRef',
    wanted: describeAuthnContext(requestedAuthnContext),
    arrived: classRef,
    advice: 'Have the identity provider demand this way of signing in for us and name it in its answer.',
  })
}
