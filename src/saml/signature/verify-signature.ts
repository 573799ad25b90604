import { hash, timingSafeEqual } from 'node:crypto'
import { readMessage } from '../read-message.ts'
import { refusal } from '../refusal.ts'
import type { SigningKey, WeakCryptography } from '../trust-settings.ts'
import { attributeOf, type XmlElement } from '../xml/element.ts'
import { canonicalForm } from './canonical-form.ts'
import type { SignedInfo } from './signature-parts.ts'
import { verifySignedInfo } from './verify-signed-info.ts'

declare const verified: unique symbol

/** An element as it was signed: read again from the canonical bytes whose digest was verified. Only this file makes one. */
export interface SignedContent {
  readonly root: XmlElement
  /** Of the configured certificate whose key verified the signature. */
  readonly fingerprint: string
  readonly [verified]: true
}

/**
 * Verifies the enveloped signature of an element and returns what was signed. The one verifier for every kind of message.
 *
 * 1. Its SignedInfo is verified and read again (`verify-signed-info.ts`).
 * 2. The parent's canonical bytes, without the signature, are hashed and compared.
 * 3. Those bytes are scanned again, and that tree is all the caller gets.
 *
 * So a fault in the canonical form can only refuse a good message. `signature` must be a child of `element`. SHA-1 and short
 * RSA keys are refused unless `allowed` says otherwise.
 *
 * Throws `saml_signature_malformed`, `saml_signature_algorithm_not_allowed`, `saml_signature_invalid`,
 * `saml_key_too_weak`, `saml_digest_mismatch`, `saml_limits_exceeded`. SAML Core 5.4, XML Signature 3.2.
 */
export function verifySignature(
  element: XmlElement,
  signature: XmlElement,
  keys: readonly SigningKey[],
  allowed: WeakCryptography = {},
): SignedContent {
  const { signedInfo, fingerprint } = verifySignedInfo(element, signature, keys, allowed)
  const inclusivePrefixes = signedInfo.referenceInclusivePrefixes
  const content = canonicalForm(element, { without: signature, inclusivePrefixes })
  checkDigest(signedInfo, content)
  const root = readMessage(content)
  checkSameElement(root, element)
  return { root, fingerprint } as SignedContent
}

function checkDigest({ digestHash, digestValue }: SignedInfo, content: Buffer): void {
  const digest = hash(digestHash, content, 'buffer')
  if (digest.length === digestValue.length && timingSafeEqual(digest, digestValue)) return
  throw refusal('saml_digest_mismatch', {
    check: 'DigestValue',
    wanted: digest.toString('base64'),
    arrived: digestValue.toString('base64'),
  })
}

function checkSameElement(root: XmlElement, element: XmlElement): void {
  if (root.name === element.name && attributeOf(root, 'ID') === attributeOf(element, 'ID')) return
  throw refusal('saml_signature_malformed', { check: 'canonical form', wanted: element.name, arrived: root.name })
}
