import { hash, timingSafeEqual } from 'node:crypto'
import { readMessage } from '../read-message.ts'
import { refusal } from '../refusal.ts'
import type { SigningKey, WeakCryptography } from '../trust-settings.ts'
import { CanonicalFormTooLong, type CanonicalizeOptions, canonicalBytes } from '../xml/canonicalize.ts'
import { attributeOf, type XmlElement } from '../xml/element.ts'
import { messageRules, type ScanRules } from '../xml/scan-rules.ts'
import { readSignature, readSignedInfo, type SignedInfo } from './signature-parts.ts'
import { findVerifyingKey } from './verifying-key.ts'

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
 * 1. SignedInfo's canonical bytes are verified with a configured key; the message has no say in which.
 * 2. The Reference is read again, from those very bytes. It must name the parent of the signature.
 * 3. The parent's canonical bytes, without the signature, are hashed and compared.
 * 4. Those bytes are scanned again, and that tree is all the caller gets.
 *
 * So a fault in the canonical form can only refuse a good message. `signature` must be a child of `element`. SHA-1 and short
 * RSA keys are refused unless `allowed` says otherwise. `rules` bound the second reading: a message's unless it is a document.
 *
 * Throws `saml_signature_malformed`, `saml_signature_algorithm_not_allowed`, `saml_signature_invalid`,
 * `saml_key_too_weak`, `saml_digest_mismatch`, `saml_limits_exceeded`. SAML Core 5.4, XML Signature 3.2.
 */
export function verifySignature(
  element: XmlElement,
  signature: XmlElement,
  keys: readonly SigningKey[],
  allowed: WeakCryptography = {},
  rules: ScanRules = messageRules,
): SignedContent {
  const parts = readSignature(signature)
  const claimed = readSignedInfo(parts.signedInfo, allowed)
  const signedInfoBytes = canonicalForm(parts.signedInfo, { inclusivePrefixes: claimed.inclusivePrefixes })
  const { fingerprint } = findVerifyingKey(signedInfoBytes, claimed.algorithm, parts, keys, allowed)
  const signedInfo = readSignedInfo(readMessage(signedInfoBytes), allowed)
  checkSameAlgorithm(signedInfo, claimed)
  checkReference(signedInfo, element)
  const content = canonicalForm(element, {
    without: signature,
    inclusivePrefixes: signedInfo.referenceInclusivePrefixes,
    maxCharacters: rules.maxCharacters,
  })
  checkDigest(signedInfo, content)
  const root = readMessage(content, rules)
  checkSameElement(root, element)
  return { root, fingerprint } as SignedContent
}

/** A short message can have a very long canonical form; it would not be read again, so it need not be written. */
function canonicalForm(element: XmlElement, options: CanonicalizeOptions): Buffer {
  try {
    return canonicalBytes(element, options)
  } catch (error) {
    if (!(error instanceof CanonicalFormTooLong)) throw error
    const { maxCharacters = messageRules.maxCharacters } = options
    const wanted = `at most ${maxCharacters} characters`
    throw refusal('saml_limits_exceeded', { check: 'canonical form', wanted, arrived: 'more' })
  }
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
function checkReference(signedInfo: SignedInfo, element: XmlElement): void {
  const id = attributeOf(element, 'ID')
  if (id !== undefined && id !== '' && signedInfo.referenceUri === `#${id}`) return
  throw refusal('saml_signature_malformed', {
    check: 'Reference/URI',
    wanted: `#${id}, the ID of the ${element.localName} that holds the signature`,
    arrived: signedInfo.referenceUri,
  })
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
