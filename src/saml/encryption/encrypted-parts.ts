import { decodeBase64 } from '../base64.ts'
import { encryption11Namespace, encryptionNamespace, signatureNamespace } from '../names.ts'
import { type RefusalDetail, refusal } from '../refusal.ts'
import {
  attributeOf,
  childElements,
  childNamed,
  childrenNamed,
  hasText,
  isElement,
  textOf,
  type XmlElement,
} from '../xml/element.ts'
import {
  type ContentAlgorithm,
  contentAlgorithms,
  maskFunctions,
  oaepDigests,
  rsaOaep,
  rsaOaepMgf1p,
} from './algorithms.ts'
import type { OaepParameters } from './oaep.ts'

/** An `EncryptedAssertion`, `EncryptedID` or `EncryptedAttribute` taken apart. SAML Core 2.3.4, 2.2.4, 2.7.3.2. */
export interface EncryptedParts {
  readonly contentAlgorithm: ContentAlgorithm
  readonly ciphertext: Buffer
  /** Those that may be for us; at least one. */
  readonly keys: readonly WrappedKey[]
}

/** An `xenc:EncryptedKey`. XML Encryption 3.5.1. */
export interface WrappedKey {
  readonly ciphertext: Buffer
  /** The first as the specification says; others as products write it that follow it less closely. */
  readonly oaep: readonly OaepParameters[]
}

const elementType = `${encryptionNamespace}Element`

/**
 * Nothing in here is secret, so that each fault may be called by its name. The message says how it is encrypted, never with
 * which key it may be opened.
 *
 * Throws `saml_encryption_malformed`, `saml_encryption_algorithm_not_allowed`.
 */
export function readEncrypted(encrypted: XmlElement, serviceProviderEntityId: string | undefined): EncryptedParts {
  if (hasText(encrypted)) throw malformed({ check: encrypted.localName, wanted: 'elements only', arrived: 'text' })
  const [data, ...others] = childElements(encrypted)
  if (data === undefined || !isElement(data, encryptionNamespace, 'EncryptedData')) {
    throw malformed({ check: encrypted.localName, wanted: 'EncryptedData', arrived: data?.name })
  }
  for (const other of others) {
    if (isElement(other, encryptionNamespace, 'EncryptedKey')) continue
    throw malformed({ check: encrypted.localName, wanted: 'EncryptedKey', arrived: other.name })
  }
  const type = attributeOf(data, 'Type') ?? elementType
  if (type !== elementType) throw malformed({ check: 'EncryptedData/Type', wanted: elementType, arrived: type })
  return {
    contentAlgorithm: readContentAlgorithm(data),
    ciphertext: readCipherValue(data),
    keys: keysForUs([...keysInside(data), ...others], serviceProviderEntityId).map(readWrappedKey),
  }
}

function readContentAlgorithm(data: XmlElement): ContentAlgorithm {
  const uri = algorithmOf(childNamed(data, encryptionNamespace, 'EncryptionMethod'))
  const algorithm = contentAlgorithms.get(uri)
  if (algorithm === undefined) throw notAllowed('EncryptedData/EncryptionMethod', contentAlgorithms.keys(), uri)
  return algorithm
}

/** The bytes themselves: a CipherReference would point outside the message. */
function readCipherValue(element: XmlElement): Buffer {
  const data = childNamed(element, encryptionNamespace, 'CipherData')
  const value = data && childNamed(data, encryptionNamespace, 'CipherValue')
  const bytes = value && decodeBase64(textOf(value) ?? '')
  if (bytes !== undefined) return bytes
  const arrived = value === undefined ? data && childElements(data)[0]?.name : 'something that is not base64'
  throw malformed({ check: element.localName, wanted: 'a CipherValue in base64', arrived })
}

/** A RetrievalMethod needs no reading: what it may point to stands beside the EncryptedData, where every key is tried. */
function keysInside(data: XmlElement): readonly XmlElement[] {
  const info = childNamed(data, signatureNamespace, 'KeyInfo')
  return info === undefined ? [] : childrenNamed(info, encryptionNamespace, 'EncryptedKey')
}

/** Those that name us, and those that name nobody; when that leaves none, the names mean nothing and all are tried. */
function keysForUs(keys: readonly XmlElement[], serviceProviderEntityId: string | undefined): readonly XmlElement[] {
  const ours = keys.filter((key) => {
    const recipient = attributeOf(key, 'Recipient')
    return recipient === undefined || recipient === serviceProviderEntityId
  })
  if (keys.length === 0) throw malformed({ check: 'EncryptedKey', wanted: 'inside KeyInfo or beside EncryptedData' })
  return ours.length > 0 ? ours : keys
}

function readWrappedKey(key: XmlElement): WrappedKey {
  const method = childNamed(key, encryptionNamespace, 'EncryptionMethod')
  return { oaep: readOaep(method), ciphertext: readCipherValue(key) }
}

function readOaep(method: XmlElement | undefined): readonly OaepParameters[] {
  const uri = algorithmOf(method)
  if (method === undefined || (uri !== rsaOaepMgf1p && uri !== rsaOaep)) {
    throw notAllowed('EncryptedKey/EncryptionMethod', [rsaOaep, rsaOaepMgf1p], uri)
  }
  const digest = parameterOf(method, signatureNamespace, 'DigestMethod', oaepDigests) ?? 'sha1'
  const label = readLabel(method)
  if (uri === rsaOaep) {
    return [{ digest, label, mask: parameterOf(method, encryption11Namespace, 'MGF', maskFunctions) ?? 'sha1' }]
  }
  // Products that leave OAEP to a library use the digest for the mask too, where this algorithm has SHA-1.
  const byTheLetter: OaepParameters = { digest, label, mask: 'sha1' }
  return digest === 'sha1' ? [byTheLetter] : [byTheLetter, { ...byTheLetter, mask: digest }]
}

function parameterOf<T>(
  method: XmlElement,
  namespace: string,
  name: string,
  known: ReadonlyMap<string, T>,
): T | undefined {
  const element = childNamed(method, namespace, name)
  if (element === undefined) return undefined
  const value = known.get(algorithmOf(element))
  if (value === undefined) throw notAllowed(`EncryptedKey/${name}`, known.keys(), algorithmOf(element))
  return value
}

function readLabel(method: XmlElement): Buffer {
  const element = childNamed(method, encryptionNamespace, 'OAEPparams')
  const text = (element && textOf(element)?.trim()) ?? ''
  const label = text === '' ? Buffer.alloc(0) : decodeBase64(text)
  if (label !== undefined) return label
  throw malformed({ check: 'OAEPparams', wanted: 'base64', arrived: 'something else' })
}

function algorithmOf(method: XmlElement | undefined): string {
  return (method && attributeOf(method, 'Algorithm')) ?? ''
}

function malformed(detail: RefusalDetail) {
  return refusal('saml_encryption_malformed', detail)
}

function notAllowed(check: string, wanted: Iterable<string>, arrived: string) {
  return refusal('saml_encryption_algorithm_not_allowed', {
    check,
    wanted: `one of ${[...wanted].join(', ')}`,
    arrived,
  })
}
