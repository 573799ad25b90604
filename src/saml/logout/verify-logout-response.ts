import {
  assertionNamespace,
  protocolNamespace,
  signatureNamespace,
  statusPartialLogout,
  statusSuccess,
} from '../names.ts'
import { readStatus } from '../response/read-response.ts'
import { atMostOne, elementsIn, requiredAttribute, structureError } from '../structure.ts'
import { isElement, type XmlElement } from '../xml/element.ts'
import type { ReceivedLogoutMessage } from './received-message.ts'
import { type LogoutTrust, verifyEnvelope } from './verify-envelope.ts'

declare const verified: unique symbol

/** What became of a LogoutRequest of ours. SAML Core 3.7.2. */
export interface LogoutResponse {
  /** ID of our LogoutRequest. */
  readonly inResponseTo: string
  /** `partial`: the person is signed out there, but not everywhere that the identity provider had signed them in. */
  readonly outcome: 'success' | 'partial' | 'failed'
  /** The code and the codes nested in it, outermost first. */
  readonly statusCodes: readonly string[]
}

/** Only `verifyLogoutResponse` makes one: signature, issuer, destination and age have been checked. */
export type VerifiedLogoutResponse = LogoutResponse & { readonly [verified]: true }

/**
 * Verifies a LogoutResponse and returns what it says, read from signed bytes alone. Whether it answers a request of ours
 * that is still open, the caller must decide.
 *
 * Throws codes `saml_…` that name the check. SAML Core 3.7.2, SAML Profiles 4.4.4.2.
 */
export function verifyLogoutResponse(
  message: ReceivedLogoutMessage,
  trust: LogoutTrust,
  now: Date,
): VerifiedLogoutResponse {
  const { root } = verifyEnvelope(message, 'LogoutResponse', trust, now)
  checkChildren(root)
  const status = atMostOne(root, protocolNamespace, 'Status')
  if (status === undefined) throw structureError(root, 'Status')
  const { codes } = readStatus(status)
  const inResponseTo = requiredAttribute(root, 'InResponseTo')
  const response: LogoutResponse = { inResponseTo, outcome: outcomeOf(codes), statusCodes: codes }
  return response as VerifiedLogoutResponse
}

/** Products differ in where PartialLogout stands: SAML Core 3.2.2.2 lists it below the top, some send it at the top. */
function outcomeOf(codes: readonly string[]): LogoutResponse['outcome'] {
  if (codes.includes(statusPartialLogout)) return 'partial'
  return codes[0] === statusSuccess ? 'success' : 'failed'
}

function checkChildren(root: XmlElement): void {
  for (const child of elementsIn(root)) {
    const known =
      isElement(child, assertionNamespace, 'Issuer') ||
      isElement(child, signatureNamespace, 'Signature') ||
      isElement(child, protocolNamespace, 'Extensions') ||
      isElement(child, protocolNamespace, 'Status')
    if (!known) throw structureError(root, 'children that SAML Core 3.2.2 names', child.name)
  }
}
