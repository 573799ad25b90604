import { checkSettings } from '../check-settings.ts'
import { type Clock, clockOf, describeClock, maxClockSkewSeconds } from '../clock.ts'
import { requiredTime } from '../date-time.ts'
import type { DecryptionTrust } from '../encryption/decryptor.ts'
import { assertionNamespace, protocolNamespace, signatureNamespace } from '../names.ts'
import { readMessage } from '../read-message.ts'
import { refusal } from '../refusal.ts'
import { checkNotBefore } from '../response/check-conditions.ts'
import { checkVersion } from '../response/check-response.ts'
import { checkIssuer, readIssuer } from '../response/issuer.ts'
import { checkId, idError, misplaced } from '../response/locate-parts.ts'
import { adviceOn, findSignatureAlgorithm } from '../signature/algorithms.ts'
import { verifySignature } from '../signature/verify-signature.ts'
import { findVerifyingKey } from '../signature/verifying-key.ts'
import { atMostOne, requiredAttribute, structureError } from '../structure.ts'
import type { TrustSettings, WeakCryptography } from '../trust-settings.ts'
import { allElements, attributeOf, isElement, type XmlElement } from '../xml/element.ts'
import { sideBySide } from './ecdsa-signature.ts'
import type { ReceivedLogoutMessage, RedirectSignature } from './received-message.ts'

/** All that the verification of a logout message believes before it reads one. */
export interface LogoutTrust
  extends Pick<TrustSettings, 'identityProviderEntityId' | 'signingKeys' | 'clockSkewSeconds'>,
    DecryptionTrust,
    WeakCryptography {
  /** Absolute address logout messages come to: Destination must equal it. */
  readonly logoutUrl: string
}

/** What every logout message says of itself, read from what was signed. */
export interface LogoutEnvelope {
  readonly root: XmlElement
  readonly id: string
  readonly clock: Clock
  /** From this moment on (clock skew included) nobody accepts this message: its ID need not be remembered longer. */
  readonly replayableUntil: Date
  /** Of the configured certificate whose key verified the signature. */
  readonly fingerprint: string
}

/** A message travels through one browser at once. Older than this it is refused. */
const maxAgeSeconds = 300

/**
 * Verifies what a LogoutRequest and a LogoutResponse have in common: signature, version, issuer, destination, age. A message
 * without a signature is refused: anybody could sign out anybody with it. Of several signatures each must verify.
 *
 * Throws codes `saml_…` that name the check, and `configuration_invalid`. SAML Core 3.2, SAML Bindings 3.4.4.1, 3.5.4, SAML Profiles 4.4.4.
 */
export function verifyEnvelope(
  message: ReceivedLogoutMessage,
  localName: 'LogoutRequest' | 'LogoutResponse',
  trust: LogoutTrust,
  now: Date,
): LogoutEnvelope {
  checkSettings(trust, ['identityProviderEntityId', 'logoutUrl'])
  const clock = clockOf(trust, now)
  const { root, fingerprint } = verifyAnySignature(message, localName, trust)
  checkVersion(localName, attributeOf(root, 'Version') ?? '')
  const issuer = atMostOne(root, assertionNamespace, 'Issuer')
  if (issuer === undefined) throw structureError(root, 'Issuer')
  checkIssuer(localName, readIssuer(issuer), trust)
  checkDestination(root, trust)
  const issued = checkAge(root, clock)
  const replayableUntil = new Date(issued.getTime() + (maxAgeSeconds + maxClockSkewSeconds) * 1000)
  return { root, id: requiredAttribute(root, 'ID'), clock, replayableUntil, fingerprint }
}

/** The whole message is what a redirect signs; of a form only what its signature covers is read. */
function verifyAnySignature(message: ReceivedLogoutMessage, localName: string, trust: LogoutTrust) {
  const root = readMessage(message.xml)
  const enveloped = locateSignature(root, localName)
  const redirect = message.signature && verifyRedirectSignature(message.signature, trust)
  if (enveloped !== undefined) return verifySignature(root, enveloped, trust.signingKeys, trust)
  if (redirect !== undefined) return { root, fingerprint: redirect }
  throw refusal('saml_signature_missing', { check: 'Signature', wanted: `a signature of the ${localName}` })
}

/** Gives the fingerprint of the key. */
function verifyRedirectSignature(signature: RedirectSignature, trust: LogoutTrust): string {
  const algorithm = findSignatureAlgorithm(signature.algorithmUri, trust)
  if (algorithm === undefined) {
    const advice = adviceOn(signature.algorithmUri)
    throw refusal('saml_signature_algorithm_not_allowed', {
      check: 'SigAlg',
      wanted: 'RSA or ECDSA with SHA-256, SHA-384 or SHA-512',
      arrived: signature.algorithmUri,
      ...(advice === undefined ? {} : { advice }),
    })
  }
  const value = algorithm.keyType === 'ec' ? sideBySide(signature.value) : signature.value
  const parts = { signatureValue: value, keyInfo: undefined }
  return findVerifyingKey(signature.octets, algorithm, parts, trust.signingKeys, trust).fingerprint
}

/** The one signature of the message, as its child. Throws `saml_structure_invalid`, `saml_id_invalid`, `saml_signature_misplaced`. */
function locateSignature(root: XmlElement, localName: string): XmlElement | undefined {
  if (!isElement(root, protocolNamespace, localName)) {
    throw structureError(root, `${localName} of SAML 2.0`, `${root.name} of ${root.namespace}`)
  }
  checkId(root)
  const ids = new Set<string>()
  let signature: XmlElement | undefined
  for (const element of allElements(root)) {
    for (const { name, value } of element.attributes) {
      if (!/^(?:xml:)?id$/i.test(name)) continue
      if (ids.has(value)) throw idError(element, 'an ID that names one element', value)
      ids.add(value)
    }
    if (!isElement(element, signatureNamespace, 'Signature')) continue
    if (element.parent !== root) {
      throw misplaced(`a signature as a child of the ${localName}`, `one inside ${element.parent?.localName}`)
    }
    if (signature !== undefined) throw misplaced(`one signature of the ${localName}`, 'several')
    signature = element
  }
  return signature
}

/** SAML Bindings 3.4.5.2, 3.5.5.2: a signed message names where it is sent. */
function checkDestination(root: XmlElement, { logoutUrl }: LogoutTrust): void {
  const destination = attributeOf(root, 'Destination') || undefined
  if (destination === logoutUrl) return
  throw refusal('saml_destination_mismatch', {
    check: `${root.localName}/Destination`,
    wanted: logoutUrl,
    arrived: destination,
  })
}

function checkAge(root: XmlElement, clock: Clock): Date {
  const issued = requiredTime(root, 'IssueInstant')
  checkNotBefore(`${root.localName}/IssueInstant`, issued, clock)
  if (clock.now.getTime() - issued.getTime() <= (maxAgeSeconds + clock.skewSeconds) * 1000) return issued
  throw refusal('saml_expired', {
    check: `${root.localName}/IssueInstant`,
    wanted: `at most ${maxAgeSeconds} s before ${describeClock(clock)}`,
    arrived: issued.toISOString(),
  })
}
