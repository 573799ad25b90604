import { timeOf } from '../date-time.ts'
import { Decryptor } from '../encryption/decryptor.ts'
import { assertionNamespace, protocolNamespace, signatureNamespace } from '../names.ts'
import { refusal } from '../refusal.ts'
import { checkNotOnOrAfter } from '../response/check-conditions.ts'
import { readNameId } from '../response/read-assertion.ts'
import { atMostOne, elementsIn, plainText, structureError } from '../structure.ts'
import type { NameId } from '../verified-assertion.ts'
import { childrenNamed, isElement, type XmlElement } from '../xml/element.ts'
import type { ReceivedLogoutMessage } from './received-message.ts'
import { type LogoutTrust, verifyEnvelope } from './verify-envelope.ts'

declare const verified: unique symbol

/** What an identity provider asks for: the end of a person's sessions. SAML Core 3.7.1. */
export interface LogoutRequest {
  readonly id: string
  readonly nameId: NameId
  /** Empty: every session of the person. */
  readonly sessionIndexes: readonly string[]
  /** From this moment on nobody accepts this request: its ID need not be remembered longer. */
  readonly replayableUntil: Date
  /** Of the certificate whose key verified the signature. */
  readonly fingerprint: string
}

/** Only `verifyLogoutRequest` makes one: signature, issuer, destination and times have been checked. */
export type VerifiedLogoutRequest = LogoutRequest & { readonly [verified]: true }

/**
 * Verifies a LogoutRequest and returns what it asks for, read from signed bytes alone. Whether its ID was used before,
 * the caller must decide.
 *
 * Throws codes `saml_…` that name the check. SAML Core 3.7.1, SAML Profiles 4.4.4.1.
 */
export function verifyLogoutRequest(
  message: ReceivedLogoutMessage,
  trust: LogoutTrust,
  now: Date,
): VerifiedLogoutRequest {
  const { root, id, clock, replayableUntil, fingerprint } = verifyEnvelope(message, 'LogoutRequest', trust, now)
  checkChildren(root)
  checkNotOnOrAfter('LogoutRequest', timeOf(root, 'NotOnOrAfter'), clock)
  const sessionIndexes = childrenNamed(root, protocolNamespace, 'SessionIndex').map(plainText)
  const request: LogoutRequest = { id, nameId: nameIdOf(root, trust), sessionIndexes, replayableUntil, fingerprint }
  return request as VerifiedLogoutRequest
}

function checkChildren(root: XmlElement): void {
  for (const child of elementsIn(root)) {
    const known =
      isElement(child, assertionNamespace, 'Issuer') ||
      isElement(child, signatureNamespace, 'Signature') ||
      isElement(child, protocolNamespace, 'Extensions') ||
      isElement(child, assertionNamespace, 'NameID') ||
      isElement(child, assertionNamespace, 'EncryptedID') ||
      isElement(child, protocolNamespace, 'SessionIndex')
    if (!known) throw structureError(root, 'children that SAML Core 3.7.1 names, with a NameID', child.name)
  }
}

/** The message is signed, and its signature covers whatever stands encrypted inside it. */
function nameIdOf(root: XmlElement, trust: LogoutTrust): NameId {
  const encrypted = atMostOne(root, assertionNamespace, 'EncryptedID')
  if (encrypted !== undefined && (trust.decryptionKeys ?? []).length === 0) {
    throw refusal('saml_logout_name_id_encrypted', { check: 'LogoutRequest', wanted: 'NameID', arrived: 'EncryptedID' })
  }
  const inClear = atMostOne(root, assertionNamespace, 'NameID')
  if (inClear !== undefined && encrypted !== undefined) throw structureError(root, 'NameID or EncryptedID', 'both')
  const element =
    encrypted === undefined ? inClear : new Decryptor(trust).decrypt(encrypted, { wanted: 'NameID', isSigned: true })
  const nameId = element && readNameId(element)
  if (nameId !== undefined) return nameId
  throw refusal('saml_subject_missing', { check: 'LogoutRequest', wanted: 'NameID' })
}
