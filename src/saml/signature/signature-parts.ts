import { decodeBase64 } from '../base64.ts'
import { exclusiveC14nNamespace, signatureNamespace } from '../names.ts'
import { type RefusalDetail, refusal } from '../refusal.ts'
import type { WeakCryptography } from '../trust-settings.ts'
import { attributeOf, childElements, hasText, isElement, textOf, type XmlElement } from '../xml/element.ts'
import {
  adviceOn,
  canonicalizationAlgorithms,
  digestAlgorithms,
  envelopedSignature,
  findDigestAlgorithm,
  findSignatureAlgorithm,
  type HashName,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from './algorithms.ts'

/** A `ds:Signature` taken apart. XML Signature 4.1, with the profile of SAML Core 5.4. */
export interface SignatureParts {
  readonly signedInfo: XmlElement
  readonly signatureValue: Buffer
  /** Used to describe a refusal, never as a key. */
  readonly keyInfo: XmlElement | undefined
}

/** What `ds:SignedInfo` says. XML Signature 4.4. */
export interface SignedInfo {
  /** For the canonical form of SignedInfo itself. */
  readonly inclusivePrefixes: readonly string[]
  readonly algorithmUri: string
  readonly algorithm: SignatureAlgorithm
  readonly referenceUri: string
  /** For the canonical form of what is referenced. */
  readonly referenceInclusivePrefixes: readonly string[]
  readonly digestHash: HashName
  readonly digestValue: Buffer
}

/** More prefixes than a PrefixList of this length names, no element can have in scope. */
const maxInclusivePrefixes = 80

/** Throws `saml_signature_malformed`. */
export function readSignature(signature: XmlElement): SignatureParts {
  const [signedInfo, signatureValue, keyInfo, ...others] = partsOf(signature)
  requireNamed(signature, signedInfo, 'SignedInfo')
  requireNamed(signature, signatureValue, 'SignatureValue')
  if (keyInfo !== undefined) requireNamed(signature, keyInfo, 'KeyInfo')
  requireNoOther(signature, others)
  return { signedInfo, signatureValue: bytesOf(signatureValue), keyInfo }
}

/**
 * Exactly one Reference, with the transforms SAML allows. Called twice: on the message, to learn how to verify, and on
 * the verified canonical bytes, whose answer alone counts.
 *
 * Throws `saml_signature_malformed`, `saml_signature_algorithm_not_allowed`.
 */
export function readSignedInfo(signedInfo: XmlElement, allowed: WeakCryptography = {}): SignedInfo {
  const [canonicalization, method, reference, ...others] = partsOf(signedInfo)
  requireNamed(signedInfo, canonicalization, 'CanonicalizationMethod')
  requireNamed(signedInfo, method, 'SignatureMethod')
  requireNamed(signedInfo, reference, 'Reference')
  requireNoOther(signedInfo, others)
  const algorithmUri = algorithmOf(method)
  const algorithm = findSignatureAlgorithm(algorithmUri, allowed)
  if (algorithm === undefined) throw notAllowed('SignatureMethod', signatureAlgorithms.keys(), algorithmUri)
  requireNoOther(method, partsOf(method))
  return {
    inclusivePrefixes: readCanonicalization(canonicalization),
    algorithmUri,
    algorithm,
    ...readReference(reference, allowed),
  }
}

type ReferencePart = Pick<SignedInfo, 'referenceUri' | 'referenceInclusivePrefixes' | 'digestHash' | 'digestValue'>

function readReference(reference: XmlElement, allowed: WeakCryptography): ReferencePart {
  const [transforms, method, value, ...others] = partsOf(reference)
  requireNamed(reference, transforms, 'Transforms')
  requireNamed(reference, method, 'DigestMethod')
  requireNamed(reference, value, 'DigestValue')
  requireNoOther(reference, others)
  const digestUri = algorithmOf(method)
  const digestHash = findDigestAlgorithm(digestUri, allowed)
  if (digestHash === undefined) throw notAllowed('DigestMethod', digestAlgorithms.keys(), digestUri)
  requireNoOther(method, partsOf(method))
  return {
    referenceUri: attributeOf(reference, 'URI') ?? '',
    referenceInclusivePrefixes: readTransforms(transforms),
    digestHash,
    digestValue: bytesOf(value),
  }
}

/** Enveloped signature, then exclusive canonicalization: SAML Core 5.4.4. Returns the latter's prefixes. */
function readTransforms(transforms: XmlElement): readonly string[] {
  const [enveloped, canonicalization, ...others] = partsOf(transforms)
  requireNamed(transforms, enveloped, 'Transform')
  requireNamed(transforms, canonicalization, 'Transform')
  if (algorithmOf(enveloped) !== envelopedSignature) {
    throw notAllowed('Transform', [envelopedSignature], algorithmOf(enveloped))
  }
  requireNoOther(
    enveloped,
    partsOf(enveloped).filter((part) => !isMeaninglessPrefixList(part)),
  )
  requireNoOther(transforms, others)
  return readCanonicalization(canonicalization)
}

/** The transform takes no parameter, but xml-crypto repeats the PrefixList of the other one in it. */
function isMeaninglessPrefixList(part: XmlElement): boolean {
  return part.localName === 'InclusiveNamespaces' && part.children.length === 0
}

/** The prefixes of a canonicalization method or transform. Exclusive XML Canonicalization 1.0 section 4. */
function readCanonicalization(method: XmlElement): readonly string[] {
  const uri = algorithmOf(method)
  if (!canonicalizationAlgorithms.has(uri)) throw notAllowed(method.localName, canonicalizationAlgorithms, uri)
  const [inclusive, ...others] = partsOf(method)
  requireNoOther(method, others)
  if (inclusive === undefined) return []
  if (!isElement(inclusive, exclusiveC14nNamespace, 'InclusiveNamespaces') || inclusive.children.length > 0) {
    throw malformed({ check: method.localName, wanted: 'InclusiveNamespaces', arrived: inclusive.name })
  }
  const prefixes = (attributeOf(inclusive, 'PrefixList') ?? '').split(/[ \t\r\n]+/).filter((prefix) => prefix !== '')
  if (prefixes.length > maxInclusivePrefixes) {
    const wanted = `at most ${maxInclusivePrefixes} prefixes`
    throw malformed({ check: 'PrefixList', wanted, arrived: String(prefixes.length) })
  }
  return prefixes.map((prefix) => (prefix === '#default' ? '' : prefix))
}

function partsOf(element: XmlElement): readonly XmlElement[] {
  if (hasText(element)) throw malformed({ check: element.localName, wanted: 'elements only', arrived: 'text' })
  return childElements(element)
}

function requireNamed(parent: XmlElement, child: XmlElement | undefined, name: string): asserts child is XmlElement {
  const arrived = child?.name
  if (!isElement(child, signatureNamespace, name)) throw malformed({ check: parent.localName, wanted: name, arrived })
}

function requireNoOther(parent: XmlElement, others: readonly XmlElement[]): void {
  const [other] = others
  if (other !== undefined) throw malformed({ check: parent.localName, wanted: 'nothing more', arrived: other.name })
}

function algorithmOf(method: XmlElement): string {
  return attributeOf(method, 'Algorithm') ?? ''
}

function bytesOf(element: XmlElement): Buffer {
  const bytes = decodeBase64(textOf(element) ?? '')
  if (bytes === undefined) throw malformed({ check: element.localName, wanted: 'base64', arrived: 'something else' })
  return bytes
}

function malformed(detail: RefusalDetail) {
  return refusal('saml_signature_malformed', detail)
}

function notAllowed(check: string, wanted: Iterable<string>, arrived: string) {
  const advice = adviceOn(arrived)
  return refusal('saml_signature_algorithm_not_allowed', {
    check,
    wanted: `one of ${[...wanted].join(', ')}`,
    arrived,
    ...(advice === undefined ? {} : { advice }),
  })
}
