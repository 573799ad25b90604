import type { Connection } from '../directory/connection.ts'
import type { LogoutRequest } from '../directory/logout.ts'
import { serviceAddresses } from '../directory/service-addresses.ts'
import { readNameIdText } from '../provisioning/subject-key.ts'
import { buildLogoutRequest } from '../saml/logout/build-logout.ts'
import { postFields, redirectUrl } from '../saml/send-request.ts'
import type { NameId } from '../saml/verified-assertion.ts'
import type { LogoutMessage, SignOutDependencies } from './sign-out-dependencies.ts'

/**
 * Signing out: a session ends here first, whatever the identity provider does afterwards. This folder knows the order of
 * the steps; it knows neither cookies nor storage. Three ways through it: `begin-sign-out.ts` and `finish-sign-out.ts` for
 * one that begins here, `answer-logout-request.ts` for one that begins at the identity provider.
 *
 * `beginSignOut` gives the LogoutRequest for a session that has ended here, or `undefined` when the identity provider
 * cannot be asked: no NameID, no endpoint, or the connection does not want it. SAML Profiles 4.4.3.1.
 */
export async function beginSignOut(
  request: LogoutRequest,
  deps: Pick<SignOutDependencies, 'catalog' | 'publicUrl' | 'requestSigning' | 'now'>,
): Promise<LogoutMessage | undefined> {
  const connection = await deps.catalog.connection(request.connectionId)
  const nameId = request.nameId === undefined ? undefined : readNameIdText(request.nameId)
  if (connection === undefined || nameId === undefined || request.outcome !== undefined) return undefined
  return canBeAsked(connection) ? writeRequest(request, nameId, connection, deps) : undefined
}

/** Whether the identity provider of this connection is told when somebody signs out here. */
export function canBeAsked({ settings, identityProvider }: Connection): boolean {
  // Settings that were stored before this one existed do not have it.
  return settings.singleLogout !== false && (identityProvider.singleLogoutServices ?? []).length > 0
}

function writeRequest(
  { id, sessionIndex, expiresAt }: LogoutRequest,
  nameId: NameId,
  connection: Connection,
  deps: Pick<SignOutDependencies, 'publicUrl' | 'requestSigning' | 'now'>,
): LogoutMessage | undefined {
  const services = connection.identityProvider.singleLogoutServices ?? []
  const service = services.find(({ binding }) => binding === 'redirect') ?? services[0]
  if (service === undefined) return undefined
  const { binding, location } = service
  const xml = buildLogoutRequest({
    id,
    issueInstant: deps.now(),
    destination: location,
    issuer: serviceAddresses(connection, deps.publicUrl).entityId,
    nameId,
    sessionIndex,
    notOnOrAfter: expiresAt,
  })
  const message = { id, xml, sign: deps.requestSigning }
  if (binding === 'post') return { kind: 'post', url: location, fields: postFields(message) }
  return { kind: 'redirect', url: redirectUrl({ ...message, location }) }
}
