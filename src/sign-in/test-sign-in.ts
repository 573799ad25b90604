import { LatchkeyError } from '../errors.ts'
import type { VerifiedAssertion } from '../saml/verified-assertion.ts'
import { checkLoginRequest } from './check-login-request.ts'
import type { SignInDependencies } from './sign-in-dependencies.ts'
import type { ReceivedResponse } from './sign-in-steps.ts'
import type { Trace } from './trace.ts'

/** IDs of requests that only test: no other request has one like it, and its InResponseTo comes back signed. */
export const testRequestPrefix = '_test-'

export function newTestRequestId(randomBytes: (size: number) => Buffer): string {
  return `${testRequestPrefix}${randomBytes(20).toString('hex')}`
}

/** What a test comes to: an assertion that was verified, and neither an account nor a session. */
export interface TestedSignIn {
  readonly kind: 'tested'
  readonly assertion: VerifiedAssertion
  readonly received: ReceivedResponse
  readonly trace: Trace
}

export function isTest(assertion: VerifiedAssertion): boolean {
  return assertion.inResponseTo?.startsWith(testRequestPrefix) === true
}

/**
 * The end of a sign-in that only tests: its request was begun in this browser. Nothing is written, so neither request nor
 * assertion is consumed; neither can ever open a session. Throws what `checkLoginRequest` throws.
 */
export async function testSignIn(
  assertion: VerifiedAssertion,
  received: ReceivedResponse,
  trace: Trace,
  deps: SignInDependencies,
): Promise<TestedSignIn | 'stale'> {
  const { connection, browserSecret: secret } = received
  const { organizationId, id: connectionId, settings } = connection
  const query = { organizationId, connectionId, subjectKey: '', usernameKey: '' }
  const state = await deps.directory.readSignInState({ ...query, loginRequestId: assertion.inResponseTo ?? '' })
  if (state.connectionVersion !== connection.version) return 'stale'
  const browser = { secret, now: deps.now(), clockSkewSeconds: settings.clockSkewSeconds }
  trace.step('check', () => checkLoginRequest(assertion, state.loginRequest, browser))
  return { kind: 'tested', assertion, received, trace }
}

/** For whoever can only sign in: a test opens nothing. */
export function refuseTest(): LatchkeyError {
  return new LatchkeyError('sign_in_only_tested', { check: 'InResponseTo', wanted: 'a request to sign in' })
}
