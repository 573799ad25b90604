import { readMessage } from '../read-message.ts'
import { refusal } from '../refusal.ts'
import type { SigningKey, WeakCryptography } from '../trust-settings.ts'
import { attributeOf, type XmlElement } from '../xml/element.ts'
import { canonicalForm } from './canonical-form.ts'
import { readSignature, readSignedInfo, type SignedInfo } from './signature-parts.ts'
import { findVerifyingKey } from './verifying-key.ts'

export interface VerifiedSignedInfo {
  /** Read from the very bytes that were verified. */
  readonly signedInfo: SignedInfo
  /** Of the key that verified them. */
  readonly fingerprint: string
}

/**
 * The first half of verifying the signature of an element, the same for messages and for metadata: who signed, and which
 * digest. What it signs over is for the caller to compare.
 *
 * 1. SignedInfo's canonical bytes are verified with a configured key; the message has no say in which.
 * 2. The Reference is read again, from those very bytes. It must name the element that holds the signature.
 *
 * Throws `saml_signature_malformed`, `saml_signature_algorithm_not_allowed`, `saml_signature_invalid`,
 * `saml_key_too_weak`, `saml_limits_exceeded`. SAML Core 5.4, XML Signature 3.2.2.
 */
export function verifySignedInfo(
  element: XmlElement,
  signature: XmlElement,
  keys: readonly SigningKey[],
  allowed: WeakCryptography = {},
): VerifiedSignedInfo {
  const parts = readSignature(signature)
  const claimed = readSignedInfo(parts.signedInfo, allowed)
  checkNotDer(claimed, parts.signatureValue)
  const bytes = canonicalForm(parts.signedInfo, { inclusivePrefixes: claimed.inclusivePrefixes })
  const { fingerprint } = findVerifyingKey(bytes, claimed.algorithm, parts, keys, allowed)
  const signedInfo = readSignedInfo(readMessage(bytes), allowed)
  checkSameAlgorithm(signedInfo, claimed)
  checkReference(signedInfo, element)
  return { signedInfo, fingerprint }
}

/** Of two numbers side by side: P-256, P-384, P-521. */
const ecdsaBytes: readonly number[] = [64, 96, 132]
const derSequence = 0x30

/** An ECDSA value as X.509 has it verifies with no key: who is told just that looks for another certificate, in vain. */
function checkNotDer({ algorithm }: SignedInfo, value: Buffer): void {
  if (algorithm.keyType !== 'ec' || value[0] !== derSequence || ecdsaBytes.includes(value.length)) return
  throw refusal('saml_signature_malformed', {
    check: 'SignatureValue',
    wanted: 'r and s of ECDSA side by side (RFC 9231 section 2.3.6)',
    arrived: 'a DER sequence, as X.509 has it',
    advice: 'Let the identity provider sign with RSA, or write the signature as XML Signature has it.',
  })
}

function checkSameAlgorithm(signedInfo: SignedInfo, claimed: SignedInfo): void {
  if (signedInfo.algorithmUri === claimed.algorithmUri) return
  throw refusal('saml_signature_malformed', {
    check: 'SignatureMethod',
    wanted: claimed.algorithmUri,
    arrived: signedInfo.algorithmUri,
  })
}

/** SAML Core 5.4.2: the reference names the element the signature is a child of, by its ID. */
export function checkReference(signedInfo: SignedInfo, element: XmlElement): void {
  const id = attributeOf(element, 'ID')
  if (id !== undefined && id !== '' && signedInfo.referenceUri === `#${id}`) return
  throw refusal('saml_signature_malformed', {
    check: 'Reference/URI',
    wanted: `#${id}, the ID of the ${element.localName} that holds the signature`,
    arrived: signedInfo.referenceUri,
  })
}
