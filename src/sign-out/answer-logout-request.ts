import type { Connection, SingleLogoutService } from '../directory/connection.ts'
import { serviceAddresses } from '../directory/service-addresses.ts'
import { LatchkeyError } from '../errors.ts'
import { nameIdText } from '../provisioning/subject-key.ts'
import { newRequestId } from '../saml/authn-request.ts'
import { buildLogoutResponse, type LogoutStatus } from '../saml/logout/build-logout.ts'
import type { ReceivedLogoutMessage } from '../saml/logout/received-message.ts'
import { type VerifiedLogoutRequest, verifyLogoutRequest } from '../saml/logout/verify-logout-request.ts'
import { postResponseFields, redirectUrl } from '../saml/send-request.ts'
import { logoutTrustOf } from './logout-trust.ts'
import type { LogoutMessage, SignOutDependencies } from './sign-out-dependencies.ts'

export interface AnsweredLogoutRequest {
  readonly sessionsEnded: number
  /** Absent: the metadata names no endpoint that could take an answer. */
  readonly answer?: LogoutMessage
}

/**
 * Does what an identity provider asks for: ends the sessions of a NameID over this connection, and answers. They are found
 * by what the request says, never by a cookie: the request often comes in a frame, into which browsers send none.
 * It is done whatever the settings of the connection: ending a session is never the unsafe choice.
 *
 * Throws `logout_request_replayed`, and all that `verifyLogoutRequest` refuses with. SAML Core 3.7.3, SAML Profiles 4.4.3.4.
 */
export async function answerLogoutRequest(
  received: ReceivedLogoutMessage,
  connection: Connection,
  deps: SignOutDependencies,
): Promise<AnsweredLogoutRequest> {
  const now = deps.now()
  const request = verifyLogoutRequest(received, logoutTrustOf(connection, deps), now)
  const { sessionsEnded, isKnown } = await endSessions(request, connection, now, deps)
  // Where an attribute identifies people, NameIDs are not remembered beyond the session.
  const isRecognized = isKnown || connection.settings.subjectKey !== 'nameId'
  const answer = writeAnswer(received, request.id, isRecognized ? 'success' : 'unknown-principal', connection, deps)
  return { sessionsEnded, ...(answer === undefined ? {} : { answer }) }
}

async function endSessions(
  request: VerifiedLogoutRequest,
  { organizationId, id: connectionId }: Connection,
  now: Date,
  { directory, newId }: SignOutDependencies,
) {
  const ended = await directory.endSessionsByNameId({
    organizationId,
    connectionId,
    request: { id: request.id, rememberUntil: request.replayableUntil },
    nameId: nameIdText(request.nameId),
    sessionIndexes: request.sessionIndexes,
    event: {
      id: newId(),
      at: now,
      actor: `connection:${connectionId}`,
      action: 'session.ended',
      target: `connection:${connectionId}`,
      detail: { logoutRequest: request.id },
    },
  })
  if (ended !== 'replayed') return ended
  throw new LatchkeyError('logout_request_replayed', { check: 'LogoutRequest/ID', wanted: 'an ID never seen before' })
}

function writeAnswer(
  received: ReceivedLogoutMessage,
  inResponseTo: string,
  status: LogoutStatus,
  connection: Connection,
  deps: SignOutDependencies,
): LogoutMessage | undefined {
  const service = answerService(connection.identityProvider.singleLogoutServices ?? [], received.binding)
  if (service === undefined) return undefined
  const location = service.responseLocation ?? service.location
  const id = newRequestId(deps.randomBytes)
  const { entityId } = serviceAddresses(connection, deps.publicUrl)
  const xml = buildLogoutResponse({
    id,
    issueInstant: deps.now(),
    destination: location,
    issuer: entityId,
    inResponseTo,
    status,
  })
  const message = { id, xml, relayState: received.relayState, sign: deps.requestSigning }
  if (service.binding === 'post') return { kind: 'post', url: location, fields: postResponseFields(message) }
  return { kind: 'redirect', url: redirectUrl({ ...message, location, as: 'SAMLResponse' }) }
}

/** The binding by which the request came, where there is one. */
function answerService(services: readonly SingleLogoutService[], binding: 'redirect' | 'post') {
  return services.find((service) => service.binding === binding) ?? services[0]
}
