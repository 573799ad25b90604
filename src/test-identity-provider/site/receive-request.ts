import { LatchkeyError } from '../../errors.ts'
import type { PendingSignIn } from '../answer.ts'
import {
  checkRedirectSignature,
  type ReceivedAuthnRequest,
  readPostRequest,
  readRedirectRequest,
} from '../read-authn-request.ts'
import { findServiceProvider, type Site } from './site.ts'

/** A request that was found good, and how it wants the person to be asked. */
export interface AcceptedRequest {
  readonly pending: PendingSignIn
  readonly forceAuthn: boolean
  readonly isPassive: boolean
}

/** From the raw query of `GET /sso`. Throws `request_invalid`. SAML Bindings 3.4. */
export function receiveRedirect(site: Site, rawQuery: string): AcceptedRequest {
  const query = new URLSearchParams(rawQuery)
  const request = readRedirectRequest(required(query.get('SAMLRequest')))
  const { certificate } = findServiceProvider(site, request.issuer)
  if (certificate !== undefined) {
    checkRedirectSignature(rawQuery, { certificate, isWanted: site.wantAuthnRequestsSigned })
  } else if (site.wantAuthnRequestsSigned) refuse('Signature', 'a certificate of the service provider on record')
  return accept(site, request, query.get('RelayState') ?? undefined)
}

/** From the form of `POST /sso`. A signature inside the XML is not judged. Throws `request_invalid`. SAML Bindings 3.5. */
export function receivePost(site: Site, form: Readonly<Record<string, string | undefined>>): AcceptedRequest {
  if (site.wantAuthnRequestsSigned) refuse('binding', 'HTTP-Redirect: the only one whose signature is verified here')
  return accept(site, readPostRequest(required(form.SAMLRequest)), form.RelayState)
}

function accept(site: Site, request: ReceivedAuthnRequest, relayState: string | undefined): AcceptedRequest {
  const serviceProvider = findServiceProvider(site, request.issuer)
  const { acsUrl, destination, nameIdFormat, authnContext, protocolBinding } = request
  const own = `${site.provider.baseUrl}/sso`
  if (acsUrl !== undefined && acsUrl !== serviceProvider.acsUrl) {
    refuse('AssertionConsumerServiceURL', serviceProvider.acsUrl, acsUrl)
  }
  if (destination !== undefined && destination !== own) refuse('Destination', own, destination)
  const pending = {
    serviceProvider,
    inResponseTo: request.id,
    nameIdFormat,
    authnContext,
    relayState,
    isByArtifact: protocolBinding === 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Artifact',
  }
  return { pending, forceAuthn: request.forceAuthn, isPassive: request.isPassive }
}

function required(value: string | null | undefined): string {
  return value || refuse('SAMLRequest', 'a request')
}

function refuse(check: string, wanted: string, arrived?: string): never {
  const detail = { check, wanted, ...(arrived === undefined ? {} : { arrived: arrived.slice(0, 500) }) }
  throw new LatchkeyError('request_invalid', detail)
}
