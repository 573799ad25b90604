import type { LinkRequestWrites } from '../directory/link-request.ts'
import type { LoginRequest, SignInAttempt, SignInState } from '../directory/sign-in.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { provableAccount } from './plan-link.ts'
import type { PlanContext } from './plan-provisioning.ts'
import type { Subject } from './subject.ts'

/** How long a person may take to find the other way in and sign in there. */
const linkRequestSeconds = 900

interface Asking {
  readonly context: PlanContext
  readonly assertion: VerifiedAssertion
  readonly loginRequest: LoginRequest | undefined
  /** Of this sign-in, which is refused. */
  readonly attempt: Pick<SignInAttempt, 'id'>
}

/**
 * What a refused first sign-in leaves where the person may prove that the account is theirs: the identity that was
 * verified, for this browser. Only of a sign-in that began here: what arrives unasked may have been sent by anybody.
 * `undefined` when there is nothing to prove.
 */
export function planLinkRequest(
  state: SignInState,
  { subjectKey }: Subject,
  { context, assertion, loginRequest, attempt }: Asking,
): LinkRequestWrites | undefined {
  const { connection, now } = context
  if (connection.settings.linking !== 'proof' || loginRequest === undefined) return undefined
  const candidate = provableAccount(state, context)
  if (candidate === undefined) return undefined
  return {
    organizationId: connection.organizationId,
    connectionId: connection.id,
    connectionVersion: connection.version,
    subjectKey,
    id: context.newId(),
    accountId: candidate.account.id,
    browserHash: loginRequest.browserHash,
    returnTo: loginRequest.returnTo,
    ...(loginRequest.handoff === undefined ? {} : { handoff: loginRequest.handoff }),
    attemptId: attempt.id,
    assertion: { id: assertion.id, rememberUntil: assertion.replayableUntil },
    loginRequestId: loginRequest.id,
    expiresAt: new Date(now.getTime() + linkRequestSeconds * 1000),
  }
}
