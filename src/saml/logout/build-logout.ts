import { statusPartialLogout, statusRequester, statusSuccess, statusUnknownPrincipal } from '../names.ts'
import type { NameId } from '../verified-assertion.ts'
import { xmlElement, xmlText, xmlTime } from '../write-xml.ts'

const protocol = { 'xmlns:samlp': 'urn:oasis:names:tc:SAML:2.0:protocol' }
const assertion = { 'xmlns:saml': 'urn:oasis:names:tc:SAML:2.0:assertion' }

interface MessageOptions {
  /** From `newRequestId`. */
  readonly id: string
  readonly issueInstant: Date
  /** Where it is sent. */
  readonly destination: string
  /** Our entity ID. */
  readonly issuer: string
}

export interface LogoutRequestOptions extends MessageOptions {
  /** As the identity provider named the person in its assertion. */
  readonly nameId: NameId
  /** Absent: every session of the person at the identity provider. */
  readonly sessionIndex?: string | undefined
  /** From this moment on the request means nothing any more. */
  readonly notOnOrAfter: Date
}

/**
 * Gives the LogoutRequest as XML: the person has signed out here and asks for it at the identity provider too. It must be
 * signed. SAML Core 3.7.1, SAML Profiles 4.4.4.1. Throws `input_invalid` when a value holds a character that XML cannot carry.
 */
export function buildLogoutRequest(options: LogoutRequestOptions): string {
  const { nameId, sessionIndex } = options
  return xmlElement(
    'samlp:LogoutRequest',
    {
      ...messageAttributes(options),
      NotOnOrAfter: xmlTime(options.notOnOrAfter),
      Reason: 'urn:oasis:names:tc:SAML:2.0:logout:user',
    },
    writeIssuer(options),
    xmlElement(
      'saml:NameID',
      {
        ...assertion,
        Format: nameId.format,
        NameQualifier: nameId.nameQualifier,
        SPNameQualifier: nameId.spNameQualifier,
      },
      xmlText(nameId.value),
    ),
    sessionIndex === undefined ? undefined : xmlElement('samlp:SessionIndex', {}, xmlText(sessionIndex)),
  )
}

/** How a LogoutRequest of the identity provider ended. */
export type LogoutStatus = 'success' | 'unknown-principal' | 'partial'

export interface LogoutResponseOptions extends MessageOptions {
  /** ID of the LogoutRequest. */
  readonly inResponseTo: string
  readonly status: LogoutStatus
}

/** Gives the LogoutResponse as XML. SAML Core 3.7.2, 3.2.2. Throws `input_invalid` as above. */
export function buildLogoutResponse(options: LogoutResponseOptions): string {
  return xmlElement(
    'samlp:LogoutResponse',
    { ...messageAttributes(options), InResponseTo: options.inResponseTo },
    writeIssuer(options),
    xmlElement('samlp:Status', {}, writeStatusCode(statusCodes[options.status])),
  )
}

/** The code and the one nested in it. SAML Core 3.2.2.2. */
const statusCodes: Readonly<Record<LogoutStatus, readonly string[]>> = {
  success: [statusSuccess],
  'unknown-principal': [statusRequester, statusUnknownPrincipal],
  partial: [statusSuccess, statusPartialLogout],
}

function writeStatusCode([code, ...inner]: readonly string[]): string {
  return xmlElement('samlp:StatusCode', { Value: code }, inner.length === 0 ? undefined : writeStatusCode(inner))
}

function messageAttributes({ id, issueInstant, destination }: MessageOptions) {
  return { ...protocol, ID: id, Version: '2.0', IssueInstant: xmlTime(issueInstant), Destination: destination }
}

function writeIssuer({ issuer }: MessageOptions): string {
  return xmlElement('saml:Issuer', assertion, xmlText(issuer))
}
