import type { Authorized } from '../access/authorized.ts'
import type { SignInDirectory } from '../directory/directory.ts'
import type { LoginRequest, SignInAttempt, SignInWrites, WaitingWrites } from '../directory/sign-in.ts'
import type { Artifact } from '../saml/artifact/read-artifact.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import type { Plan } from './plan.ts'
import { exactNameIdText, nameIdText } from './subject-key.ts'

interface PlanToKeep {
  readonly plan: Plan
  readonly assertion: VerifiedAssertion
  /** The request the assertion answers; it is consumed. */
  readonly loginRequest?: LoginRequest | undefined
  readonly now: Date
}

export interface PlanToApply extends PlanToKeep {
  readonly plan: Authorized<Plan>
  /** What named the response, where it came by artifact; it is consumed. */
  readonly artifact?: Artifact | undefined
  readonly session: { readonly id: string; readonly tokenHash: string; readonly expiresAt: Date }
  readonly handoff?: SignInWrites['handoff'] | undefined
  /** What the person must do before anybody has the session's token. */
  readonly setUp?: SignInWrites['setUp'] | undefined
  /** Another identity that leads to the account from now on. */
  readonly linkProof?: SignInWrites['linkProof'] | undefined
  readonly attempt: SignInAttempt
}

/**
 * Writes an authorized plan in one transaction and one call: assertion and request consumed, account, identity, grants,
 * session, audit and trace. `stale` when what the plan was made for has changed meanwhile: read and plan again.
 *
 * Throws `assertion_replayed`, `saml_artifact_replayed`, `login_request_unknown`, `account_conflict`, `link_request_unknown`.
 */
export function applyPlan(
  toApply: PlanToApply,
  directory: Pick<SignInDirectory, 'applySignIn'>,
): Promise<'applied' | 'stale'> {
  return directory.applySignIn(signInWrites(toApply))
}

/**
 * What is kept of somebody who must wait for approval: account, identity, what they would be granted; no session. The
 * assertion is consumed, like that of anybody who was let in. `undefined` when the plan makes nobody wait.
 */
export function waitingWrites(toKeep: PlanToKeep): WaitingWrites | undefined {
  if (toKeep.plan.after.state !== 'pending') return undefined
  return { ...accountWrites(toKeep), ...noticeOfWaiting(toKeep) }
}

/** Administrators are told of whoever begins to wait, once: under the id of the event that records it. */
function noticeOfWaiting({ plan }: PlanToKeep): Pick<WaitingWrites, 'notice'> {
  const { organizationId, id: account } = plan.after
  const asked = plan.writes.auditEvents.find(({ action }) => action === 'account.approval_requested')
  if (asked === undefined) return {}
  const content = { connection: plan.connectionId, account }
  return { notice: { organizationId, id: asked.id, kind: 'account.waiting', at: asked.at, content } }
}

function accountWrites({ plan, assertion, loginRequest, now }: PlanToKeep): WaitingWrites {
  return {
    organizationId: plan.after.organizationId,
    connectionId: plan.connectionId,
    connectionVersion: plan.connectionVersion,
    assertion: { id: assertion.id, rememberUntil: assertion.replayableUntil },
    ...(loginRequest === undefined ? {} : { loginRequestId: loginRequest.id }),
    account: plan.writes,
    now,
  }
}

/** What an authorized plan writes. */
export function signInWrites(toApply: PlanToApply): SignInWrites {
  const { assertion, artifact, session, handoff, setUp, linkProof, attempt } = toApply
  return {
    ...accountWrites(toApply),
    ...(artifact === undefined ? {} : { artifact: artifact.value }),
    session: {
      id: session.id,
      tokenHash: session.tokenHash,
      expiresAt: session.expiresAt,
      ...nameIdTexts(assertion),
      ...(assertion.sessionIndex === undefined ? {} : { sessionIndex: assertion.sessionIndex }),
    },
    ...(handoff === undefined ? {} : { handoff }),
    ...(setUp === undefined ? {} : { setUp }),
    ...(linkProof === undefined ? {} : { linkProof }),
    attempt,
  }
}

/** The exact one only where it differs, which is rare. */
function nameIdTexts({ nameId }: VerifiedAssertion): Pick<SignInWrites['session'], 'nameId' | 'exactNameId'> {
  if (nameId === undefined) return {}
  const [compared, exact] = [nameIdText(nameId), exactNameIdText(nameId)]
  return { nameId: compared, ...(exact === compared ? {} : { exactNameId: exact }) }
}
