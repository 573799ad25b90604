import { authorize } from '../access/authorize.ts'
import type { Connection } from '../directory/connection.ts'
import type { SignInAttempt } from '../directory/sign-in.ts'
import { applyPlan, waitingWrites } from '../provisioning/apply-plan.ts'
import { consultModule, namesModule } from '../provisioning/consult-module.ts'
import { judgeConditions, wordsWhileHeld } from '../provisioning/judge-conditions.ts'
import { mapSubject } from '../provisioning/map-subject.ts'
import { planEnding } from '../provisioning/plan-ending.ts'
import { planLinkRequest } from '../provisioning/plan-link-request.ts'
import { planProvisioning } from '../provisioning/plan-provisioning.ts'
import { decodeResponse } from '../saml/decode-response.ts'
import { verifyResponse } from '../saml/verify-response.ts'
import { issueSession } from '../sessions/issue-session.ts'
import { checkEnabled } from './begin-sign-in.ts'
import { checkLinkProof } from './check-link-proof.ts'
import { checkLoginRequest } from './check-login-request.ts'
import { chooseDestination } from './choose-destination.ts'
import { leadBack } from './lead-back.ts'
import { leadOn } from './lead-on.ts'
import { type ArrivedArtifact, type ArrivedMessage, resolveArtifact } from './resolve-artifact.ts'
import type { SignInDependencies } from './sign-in-dependencies.ts'
import { acceptedAttempt, acceptedInput, sessionOptions, signInQuery, wayOnOptions } from './step-inputs.ts'
import { isTest, type TestedSignIn, testSignIn } from './test-sign-in.ts'
import type { Trace } from './trace.ts'
import { assertionFacts, moduleFacts, planFacts } from './trace-facts.ts'
import { trustOf } from './trust-of.ts'

/** A response as it came in, and what came with it. */
export interface ReceivedResponse {
  readonly connection: Connection
  readonly attempt: Pick<SignInAttempt, 'id' | 'organizationId' | 'connectionId'>
  /** The form field, or the artifact that came in its place. */
  readonly samlResponse: string | ArrivedArtifact
  readonly relayState?: string
  readonly browserSecret?: string
}

export interface CompletedSignIn {
  readonly accountId: string
  /** For the cookie of Latchkey's own host. */
  readonly sessionToken: string
  readonly expiresAt: Date
  /** Absolute; the one redirect that lets the person in. */
  readonly redirectTo: string
}

/** A sign-in that waits for the person's answers: everything is written, and nobody has the session's token yet. */
export interface HeldSignIn {
  readonly kind: 'held'
  readonly accountId: string
  /** For the cookie that the page for set-up asks for. */
  readonly browserSecret: string
  /** Absolute; the page for set-up. */
  readonly redirectTo: string
}

/**
 * One sign-in, step by step. Each step gives a type that only it can make and the next one needs. Nothing is written before
 * `apply`, and `apply` writes everything or nothing; only an account that has ended is ended, and one that must wait or an
 * identity that is to be proved is kept, before it is refused. `stale` means that what the plan was made for has changed meanwhile. A request that only tests
 * ends before anything is mapped.
 */
export async function runSignInSteps(
  received: ReceivedResponse,
  trace: Trace,
  deps: SignInDependencies,
): Promise<CompletedSignIn | HeldSignIn | TestedSignIn | 'stale'> {
  const { connection } = received
  const now = deps.now()
  checkEnabled(connection)

  const message = await messageOf(received, trace, deps)
  const response = trace.step('decode', () => decodeResponse(message.samlResponse))
  const assertion = await leadBack(response, received, deps, () =>
    trace.step('verify', () => verifyResponse(response, trustOf(connection, deps), now)),
  )
  trace.note(assertionFacts(assertion))
  if (isTest(assertion)) return testSignIn(assertion, received, trace, deps)
  const answer = namesModule(connection)
    ? await trace.step('consult', () => consultModule(assertion, connection, deps.mappingModules))
    : undefined
  if (answer !== undefined) trace.note(moduleFacts(answer))
  const subject = trace.step('map', () => mapSubject(assertion, connection, answer))
  const state = await trace.step('read', () =>
    deps.directory.readSignInState(signInQuery(connection, subject, assertion)),
  )
  if (state.connectionVersion !== connection.version) return 'stale'
  const browser = { secret: received.browserSecret, now, clockSkewSeconds: connection.settings.clockSkewSeconds }
  const loginRequest = trace.step('check', () => checkLoginRequest(assertion, state.loginRequest, browser))
  const toProve = loginRequest?.linkProof
  const linkProof =
    toProve && (await trace.step('prove', () => checkLinkProof(toProve, state, connection, { ...deps, now })))
  const ending = planEnding(state, subject, { assertion, connection, now, newId: deps.newId })
  if (ending !== undefined && (await deps.directory.endAccount(ending)) === 'stale') return 'stale'
  const verdict = trace.step('judge', () => judgeConditions(subject, connection))
  const context = { connection, now, newId: deps.newId, mustWait: verdict.verdict === 'hold' }
  const asked = planLinkRequest(state, subject, { context, assertion, loginRequest, attempt: received.attempt })
  if (asked !== undefined && (await deps.directory.keepLinkRequest(asked)) === 'stale') return 'stale'
  const asking = asked === undefined ? context : { ...context, linkRequestId: asked.id }
  const plan = trace.step('plan', () => planProvisioning(state, subject, asking))
  trace.note(planFacts(plan, state))
  const waiting = waitingWrites({ plan, assertion, loginRequest, now })
  if (waiting !== undefined && (await deps.directory.keepWaiting(waiting)) === 'stale') return 'stale'
  const destination = chooseDestination(loginRequest, { relayState: received.relayState, connection }, deps)
  const authorized = trace.step('authorize', () => authorize(plan, destination.application, wordsWhileHeld(verdict)))
  const session = issueSession(sessionOptions(assertion, authorized, now, deps))
  const wayOn = leadOn(authorized, destination, wayOnOptions(received.browserSecret, session, now, deps))
  const attempt = acceptedAttempt(received.attempt, authorized, trace, now)
  const outcome = await trace.step('apply', () =>
    applyPlan(
      {
        plan: authorized,
        assertion,
        artifact: message.artifact,
        loginRequest,
        linkProof,
        session,
        handoff: wayOn.handoff,
        setUp: wayOn.setUp,
        attempt,
        now,
      },
      deps.directory,
    ),
  )
  if (outcome === 'stale') return 'stale'
  deps.keepInput?.(acceptedInput(attempt, authorized, assertion))
  const [accountId, redirectTo] = [plan.after.id, wayOn.redirectTo]
  if (wayOn.setUp !== undefined) return { kind: 'held', accountId, browserSecret: wayOn.browserSecret, redirectTo }
  return { accountId, sessionToken: session.token, expiresAt: session.expiresAt, redirectTo }
}

/** An artifact is one step more; what was posted is there already. */
function messageOf(
  { samlResponse, connection, browserSecret }: ReceivedResponse,
  trace: Trace,
  deps: SignInDependencies,
): Promise<ArrivedMessage> | ArrivedMessage {
  if (typeof samlResponse === 'string') return { samlResponse }
  return trace.step('resolve', () => resolveArtifact(samlResponse, connection, browserSecret, deps))
}
