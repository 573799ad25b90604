import { performance } from 'node:perf_hooks'
import type { Connection } from '../directory/connection.ts'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import { recordRefusal } from './record-refusal.ts'
import type { ArrivedArtifact } from './resolve-artifact.ts'
import type { SignInDependencies } from './sign-in-dependencies.ts'
import { type CompletedSignIn, type HeldSignIn, type ReceivedResponse, runSignInSteps } from './sign-in-steps.ts'
import { refuseTest, type TestedSignIn } from './test-sign-in.ts'
import { startTrace, type Trace } from './trace.ts'

/**
 * Around the list of steps in `sign-in-steps.ts`: finds the connection, runs the steps again when what they were planned
 * for has changed meanwhile, and catches refusals: they are recorded, outside the rolled-back transaction, and thrown on.
 */

/** How often a sign-in reads and plans anew before it gives way. Each round means that somebody else's sign-in succeeded. */
const maximumRounds = 8

export interface PostedResponse {
  readonly connectionId: string
  /** The form field as it came, or the artifact that came in its place. */
  readonly samlResponse: string | ArrivedArtifact
  readonly relayState?: string
  /** The cookie set when the sign-in began; absent when it began at the identity provider. */
  readonly browserSecret?: string
}

/**
 * Completes a sign-in from what came to the assertion consumer service. SAML Profiles 4.1.4.5.
 *
 * Throws `connection_not_found`, `connection_disabled`, `sign_in_busy`, and all that resolving, decoding, verifying, mapping, planning,
 * authorizing and applying refuse with, `sign_in_only_tested`, `set_up_needed`; `detail.reference` names the recorded attempt.
 */
export async function completeSignIn(posted: PostedResponse, deps: SignInDependencies): Promise<CompletedSignIn> {
  const completed = await answerResponse(posted, deps)
  if (!('kind' in completed)) return completed
  if (completed.kind === 'tested') throw refuseTest()
  throw new LatchkeyError('set_up_needed', { check: 'set-up', wanted: 'a browser that shows the page' })
}

/** The same for who can also lead on to the page for set-up, and tell what a test came to. A test is recorded by whoever tells it. */
export async function answerResponse(
  posted: PostedResponse,
  deps: SignInDependencies,
): Promise<CompletedSignIn | HeldSignIn | TestedSignIn> {
  const connection = await deps.catalog.lastSeenConnection(posted.connectionId)
  if (connection === undefined) throw new LatchkeyError('connection_not_found', { check: 'connection' })
  const attempt = { id: deps.newId(), organizationId: connection.organizationId, connectionId: connection.id }
  const trace = startTrace(() => performance.now())
  try {
    return await runUntilSettled({ ...posted, connection, attempt }, trace, deps)
  } catch (error) {
    throw await recordRefusal(error, attempt, trace, deps)
  }
}

async function runUntilSettled(
  received: PostedResponse & ReceivedResponse,
  trace: Trace,
  deps: SignInDependencies,
): Promise<CompletedSignIn | HeldSignIn | TestedSignIn> {
  let connection = received.connection
  for (let round = 1; round <= maximumRounds; round++) {
    const completed = await runOnce({ ...received, connection }, trace, deps)
    if (completed !== 'stale') return completed
    trace.note({ stale: true })
    connection = await reloadConnection(connection, deps)
  }
  throw new LatchkeyError('sign_in_busy', { check: 'rounds', wanted: `at most ${maximumRounds}`, retryAfterSeconds: 2 })
}

/** A refusal on an old copy of the connection counts for nothing: its keys may have been replaced since. */
async function runOnce(
  received: ReceivedResponse,
  trace: Trace,
  deps: SignInDependencies,
): Promise<CompletedSignIn | HeldSignIn | TestedSignIn | 'stale'> {
  try {
    return await runSignInSteps(received, trace, deps)
  } catch (refusal) {
    const current = await deps.catalog.connection(received.connection.id)
    if (current !== undefined && current.version !== received.connection.version) return 'stale'
    if (await mayHaveNewKeys(refusal, received.connection, deps)) return 'stale'
    throw refusal
  }
}

/** The identity provider may sign with a key that is newer than what we know of it. */
async function mayHaveNewKeys(refusal: unknown, connection: Connection, deps: SignInDependencies): Promise<boolean> {
  return isLatchkeyError(refusal, 'saml_signature_invalid') && (await deps.refreshKeys?.(connection)) === true
}

async function reloadConnection(connection: Connection, deps: SignInDependencies): Promise<Connection> {
  deps.catalog.forgetConnection(connection.id)
  const reloaded = await deps.catalog.lastSeenConnection(connection.id)
  if (reloaded === undefined) throw new LatchkeyError('connection_not_found', { check: 'connection' })
  return reloaded
}
