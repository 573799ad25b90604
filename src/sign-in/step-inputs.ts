import { normalForm } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import type { SessionLimits } from '../directory/session.ts'
import type { SignInAttempt, SignInQuery } from '../directory/sign-in.ts'
import type { Plan, SessionLimit } from '../provisioning/plan.ts'
import type { Subject } from '../provisioning/subject.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import type { IssuedSession, IssueSessionOptions } from '../sessions/issue-session.ts'
import type { LeadOnOptions } from './lead-on.ts'
import type { AcceptedInput, SignInDependencies } from './sign-in-dependencies.ts'
import type { Trace } from './trace.ts'

/** What single steps are asked with; small translations that would only hide the list they serve. */

export function signInQuery(connection: Connection, subject: Subject, assertion: VerifiedAssertion): SignInQuery {
  return {
    organizationId: connection.organizationId,
    connectionId: connection.id,
    subjectKey: subject.subjectKey,
    usernameKey: normalForm(subject.username),
    ...(assertion.inResponseTo === undefined ? {} : { loginRequestId: assertion.inResponseTo }),
  }
}

export function sessionOptions(
  { sessionNotOnOrAfter }: VerifiedAssertion,
  { sessionLimit }: Plan,
  now: Date,
  { sessionLimits, newId, randomBytes }: SignInDependencies,
): IssueSessionOptions {
  const limits = sessionLimit === undefined ? sessionLimits : shorter(sessionLimits, sessionLimit)
  return { now, limits, newId, randomBytes, ...(sessionNotOnOrAfter === undefined ? {} : { sessionNotOnOrAfter }) }
}

function shorter(limits: SessionLimits, { seconds }: SessionLimit): SessionLimits {
  return { ...limits, absoluteSeconds: Math.min(limits.absoluteSeconds, seconds) }
}

export function wayOnOptions(
  browserSecret: string | undefined,
  { expiresAt: sessionExpiresAt }: IssuedSession,
  now: Date,
  { publicUrl, randomBytes }: SignInDependencies,
): LeadOnOptions {
  return { browserSecret, sessionExpiresAt, now, publicUrl, randomBytes }
}

export function acceptedAttempt(
  attempt: Pick<SignInAttempt, 'id' | 'organizationId' | 'connectionId'>,
  plan: Plan,
  trace: Trace,
  at: Date,
): SignInAttempt {
  return { ...attempt, at, outcome: 'accepted', accountId: plan.after.id, trace: trace.steps() }
}

export function acceptedInput(attempt: SignInAttempt, plan: Plan, assertion: VerifiedAssertion): AcceptedInput {
  const { organizationId, connectionId, id: attemptId, at } = attempt
  return { organizationId, connectionId, accountId: plan.after.id, attemptId, at, assertion, changes: plan.changes }
}
