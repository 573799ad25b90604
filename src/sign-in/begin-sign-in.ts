import { allowedReturnTo } from '../access/return-to.ts'
import type { Connection, SingleSignOnService } from '../directory/connection.ts'
import type { LinkProof } from '../directory/link-request.ts'
import { serviceAddresses } from '../directory/service-addresses.ts'
import type { HandoffBinding } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import { buildAuthnRequest, newRequestId, type ResponseBinding } from '../saml/authn-request.ts'
import { postFields, redirectUrl } from '../saml/send-request.ts'
import { hashSecret } from '../sessions/browser-secret.ts'
import type { SignInDependencies } from './sign-in-dependencies.ts'
import { newTestRequestId } from './test-sign-in.ts'

/** How long a person may take at the identity provider. */
const loginRequestSeconds = 600

export interface SignInStart {
  readonly connection: Connection
  /** Where to lead afterwards; default: the account page. */
  readonly returnTo?: string
  /** The random value in the browser's cookie: the response must come back with it. */
  readonly browserSecret: string
  readonly handoff?: HandoffBinding
  /** What signing in proves. */
  readonly linkProof?: LinkProof
  /** Signing in anew, though the connection's settings do not ask for it. */
  readonly forceAuthn?: boolean
  /** Without showing anything to the person: whoever has no session at the identity provider is refused. */
  readonly isPassive?: boolean
  /** Signs nobody in: `test-sign-in.ts`. */
  readonly isTest?: boolean
}

/** What the browser is sent to the identity provider with. */
export type SignInRequest =
  | { readonly kind: 'redirect'; readonly url: string }
  | { readonly kind: 'post'; readonly url: string; readonly fields: Readonly<Record<string, string>> }

/**
 * Begins a sign-in: keeps the pending request, gives the AuthnRequest. No RelayState is sent: the request is found again
 * by the signed InResponseTo, and where to lead stands in our storage, so a stranger has nothing to forge.
 * SAML Profiles 4.1.4.1.
 *
 * Throws `connection_disabled`, `return_to_not_allowed`, `login_requests_exhausted`.
 */
export async function beginSignIn(start: SignInStart, deps: SignInDependencies): Promise<SignInRequest> {
  const { connection } = start
  checkEnabled(connection)
  const returnTo = checkReturnTo(start.returnTo, deps)
  const now = deps.now()
  const id = (start.isTest === true ? newTestRequestId : newRequestId)(deps.randomBytes)
  const forceAuthn = start.forceAuthn === true || connection.settings.forceAuthn
  await deps.directory.beginLoginRequest({
    organizationId: connection.organizationId,
    connectionId: connection.id,
    id,
    browserHash: hashSecret(start.browserSecret),
    returnTo,
    ...(start.handoff === undefined ? {} : { handoff: start.handoff }),
    ...(forceAuthn ? { forceAuthn } : {}),
    ...(start.linkProof === undefined ? {} : { linkProof: start.linkProof }),
    createdAt: now,
    expiresAt: new Date(now.getTime() + loginRequestSeconds * 1000),
  })
  return writeRequest(connection, { id, now, forceAuthn, isPassive: start.isPassive === true }, deps)
}

interface WishesOfRequest {
  readonly id: string
  readonly now: Date
  readonly forceAuthn: boolean
  readonly isPassive: boolean
}

function writeRequest(
  connection: Connection,
  { id, now, forceAuthn, isPassive }: WishesOfRequest,
  deps: SignInDependencies,
): SignInRequest {
  const { entityId, acsUrl } = serviceAddresses(connection, deps.publicUrl)
  const { binding, location } = chooseEndpoint(connection)
  const { nameIdFormat, requestedAuthnContext, signAuthnRequests } = connection.settings
  const xml = buildAuthnRequest({
    id,
    issueInstant: now,
    destination: location,
    issuer: entityId,
    acsUrl,
    responseBinding: responseBindingOf(connection),
    nameIdFormat,
    forceAuthn,
    isPassive,
    requestedAuthnContext,
  })
  const isSigned = signAuthnRequests ?? connection.identityProvider.wantAuthnRequestsSigned
  const message = { id, xml, ...(isSigned ? { sign: deps.requestSigning } : {}) }
  if (binding === 'post') return { kind: 'post', url: location, fields: postFields(message) }
  return { kind: 'redirect', url: redirectUrl({ ...message, location }) }
}

export function checkEnabled(connection: Connection): void {
  if (!connection.settings.samlEnabled) {
    throw new LatchkeyError('connection_disabled', { check: 'samlEnabled', wanted: 'true', arrived: 'false' })
  }
}

function checkReturnTo(wish: string | undefined, deps: SignInDependencies): string {
  if (wish === undefined || wish === '') return `${deps.publicUrl}/account`
  const applicationOrigins = deps.catalog.applications().map((application) => application.settings.origin)
  const returnTo = allowedReturnTo(wish, { publicUrl: deps.publicUrl, applicationOrigins })
  if (returnTo !== undefined) return returnTo
  throw new LatchkeyError('return_to_not_allowed', {
    check: 'return_to',
    wanted: 'an address of at most 8 KB on this service or on one of its applications',
  })
}

/** Throws `metadata_endpoint_missing` when what is to come by artifact could not be fetched. */
function responseBindingOf({ settings, identityProvider }: Connection): ResponseBinding {
  if (settings.responseBinding !== 'artifact') return 'post'
  if ((identityProvider.artifactResolutionServices ?? []).length > 0) return 'artifact'
  throw new LatchkeyError('metadata_endpoint_missing', {
    check: 'ArtifactResolutionService',
    wanted: 'one with the binding SOAP, because responseBinding is artifact',
    arrived: 'none',
  })
}

function chooseEndpoint(connection: Connection): SingleSignOnService {
  const endpoints = connection.identityProvider.singleSignOnServices
  const wish = connection.settings.authnRequestBinding
  const found =
    endpoints.find((endpoint) => endpoint.binding === (wish ?? 'redirect')) ??
    (wish === undefined ? endpoints[0] : undefined)
  if (found !== undefined) return found
  throw new LatchkeyError('metadata_endpoint_missing', {
    check: 'SingleSignOnService',
    wanted: `binding ${wish ?? 'redirect or post'}`,
    arrived: endpoints.map((endpoint) => endpoint.binding).join(', ') || 'none',
  })
}
