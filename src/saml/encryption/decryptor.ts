import { isUtf8 } from 'node:buffer'
import type { KeyObject } from 'node:crypto'
import { isLatchkeyError, LatchkeyError } from '../../errors.ts'
import { assertionNamespace } from '../names.ts'
import { readMessage } from '../read-message.ts'
import { refusal } from '../refusal.ts'
import { structureError } from '../structure.ts'
import type { TrustSettings } from '../trust-settings.ts'
import { childElements, hasText, isElement, type XmlElement } from '../xml/element.ts'
import { decryptContent } from './decrypt-content.ts'
import { type EncryptedParts, readEncrypted } from './encrypted-parts.ts'
import { unwrapKey } from './unwrap-key.ts'

/**
 * Opens what is encrypted in one message. It proves nothing about who wrote it: our public key is public. Signatures do,
 * and they are verified on the tree that comes out of here as on any other.
 *
 * 1. The structure is read; algorithms that are not accepted are refused by name (`encrypted-parts.ts`).
 * 2. The content's key is unwrapped with our keys, or replaced by a random one (`unwrap-key.ts`, `oaep.ts`).
 * 3. The content is decrypted (`decrypt-content.ts`). Whatever failed up to here gives one code and one text.
 * 4. The plaintext is scanned by the one reader of XML, in the place where its ciphertext stood: it may use the namespace
 *    prefixes that are declared around it. Where the ciphertext was signed, those are the signed ones.
 */
export interface DecryptOptions {
  /** Local name of what must come out, in the namespace of assertions. */
  readonly wanted: 'Assertion' | 'NameID' | 'Attribute'
  /** Whether a verified signature covers the ciphertext, which is what CBC needs: alone, it can be changed unnoticed. */
  readonly isSigned: boolean
}

/** Without our entity ID, an EncryptedKey that names a recipient is for somebody else while one that names none is there. */
export type DecryptionTrust = Partial<
  Pick<TrustSettings, 'decryptionKeys' | 'serviceProviderEntityId' | 'dangerouslyAllowWeakKeys'>
>

/** Operations with a private key: for something nobody signed, and in a whole message. About a millisecond each. */
const maxUnsignedOperations = 12
const maxOperations = 64
const minRsaBits = 2048
/** Behind `dangerouslyAllowWeakKeys`, for keys of ours that a partner still encrypts for. */
const minWeakRsaBits = 1024

export class Decryptor {
  readonly #keys: readonly KeyObject[]
  readonly #minBits: number
  readonly #serviceProviderEntityId: string | undefined
  #operations = 0

  constructor({ decryptionKeys = [], serviceProviderEntityId, dangerouslyAllowWeakKeys }: DecryptionTrust) {
    this.#keys = decryptionKeys
    this.#minBits = dangerouslyAllowWeakKeys === true ? minWeakRsaBits : minRsaBits
    this.#serviceProviderEntityId = serviceProviderEntityId
  }

  /**
   * The element that stands encrypted in `encrypted`. Throws `saml_assertion_encrypted` when there is no key,
   * `saml_encryption_malformed`, `saml_encryption_algorithm_not_allowed`, `saml_decryption_failed`,
   * `saml_limits_exceeded`, `saml_structure_invalid`, the codes of the scanner, and `configuration_invalid` for a key that is none.
   */
  decrypt(encrypted: XmlElement, { wanted, isSigned }: DecryptOptions): XmlElement {
    this.#checkKeys(encrypted, wanted)
    const parts = readEncrypted(encrypted, this.#serviceProviderEntityId)
    const isAuthenticated = parts.contentAlgorithm.mode === 'gcm'
    if (!isAuthenticated && !isSigned) throw unsignedCbc()
    this.#count(parts, isSigned)
    const key = unwrapKey(parts.keys, this.#keys, parts.contentAlgorithm.keyBytes)
    const plaintext = decryptContent(parts.ciphertext, parts.contentAlgorithm, key)
    if (plaintext === undefined || !isUtf8(plaintext)) throw decryptionFailed()
    try {
      return readInPlace(plaintext, encrypted, wanted)
    } catch (error) {
      // Who wrote an authenticated plaintext knows it, so that it may be said what is wrong with it. Else nothing is said.
      throw isLatchkeyError(error) && !isAuthenticated ? decryptionFailed() : error
    }
  }

  #checkKeys(encrypted: XmlElement, wanted: string): void {
    if (this.#keys.length === 0) {
      const check = encrypted.parent?.localName ?? encrypted.localName
      throw refusal('saml_assertion_encrypted', { check, wanted, arrived: encrypted.name })
    }
    for (const { type, asymmetricKeyType, asymmetricKeyDetails } of this.#keys) {
      const bits = asymmetricKeyDetails?.modulusLength ?? 0
      if (type === 'private' && asymmetricKeyType === 'rsa' && bits >= this.#minBits) continue
      throw new LatchkeyError('configuration_invalid', {
        check: 'decryptionKeys',
        wanted: `private RSA keys of at least ${this.#minBits} bits`,
        arrived: `${type} ${asymmetricKeyType ?? ''} ${bits}`,
      })
    }
  }

  #count({ keys }: EncryptedParts, isSigned: boolean): void {
    const operations = keys.length * this.#keys.length
    this.#operations += operations
    const most = isSigned ? maxOperations : maxUnsignedOperations
    if (this.#operations <= most) return
    throw refusal('saml_limits_exceeded', {
      check: 'EncryptedKey',
      wanted: `at most ${most} operations with a private key`,
      arrived: `${this.#operations}: ${keys.length} EncryptedKeys for ${this.#keys.length} keys of ours, others before`,
    })
  }
}

/** The same for every cause, in every word. */
function decryptionFailed() {
  return refusal('saml_decryption_failed', {
    check: 'EncryptedData',
    wanted: 'what one of our decryption keys opens',
    arrived: 'what none of them opens',
    advice: 'Check that the identity provider encrypts with the certificate that our metadata publishes now.',
  })
}

function unsignedCbc() {
  return refusal('saml_encryption_algorithm_not_allowed', {
    check: 'EncryptedData/EncryptionMethod',
    wanted: 'AES-GCM, or a signature of the Response around AES-CBC',
    arrived: 'AES-CBC in a Response that is not signed',
    advice: 'Let the identity provider sign the Response too, or encrypt with AES-GCM.',
  })
}

/**
 * The element that the plaintext is, read where its ciphertext stood: its ancestors are written again as empty shells with
 * their namespace declarations. Whatever the plaintext closes and opens, in the end every shell must hold the next one, the
 * last what is wanted, and nothing else.
 */
function readInPlace(plaintext: Buffer, encrypted: XmlElement, wanted: string): XmlElement {
  let [starts, ends, shells] = ['', '', 0]
  for (let at: XmlElement | undefined = encrypted; at !== undefined; at = at.parent, shells++) {
    starts = `${startTag(at)}${starts}`
    ends += `</${at.name}>`
  }
  let element = readMessage(between(starts, plaintext, ends))
  for (; shells > 0; shells--) element = onlyChild(element, wanted)
  if (isElement(element, assertionNamespace, wanted)) return element
  throw unwanted(encrypted, wanted, element.name)
}

/** Both texts are ASCII. */
function between(starts: string, plaintext: Buffer, ends: string): Buffer {
  const text = Buffer.allocUnsafe(starts.length + plaintext.length + ends.length)
  text.write(starts, 0, 'latin1')
  plaintext.copy(text, starts.length)
  text.write(ends, starts.length + plaintext.length, 'latin1')
  return text
}

/** Names and namespace URIs are plain ASCII that needs no escaping: the scanner promises it. */
function startTag({ name, declarations }: XmlElement): string {
  let tag = `<${name}`
  for (const { prefix, uri } of declarations) tag += prefix === '' ? ` xmlns="${uri}"` : ` xmlns:${prefix}="${uri}"`
  return `${tag}>`
}

function onlyChild(shell: XmlElement, wanted: string): XmlElement {
  const [element, ...others] = childElements(shell)
  if (element !== undefined && others.length === 0 && !hasText(shell)) return element
  throw unwanted(shell, wanted, element === undefined ? 'no element' : 'more than one element, or text beside it')
}

function unwanted(encrypted: XmlElement, wanted: string, arrived: string) {
  return structureError(encrypted, `one ${wanted} of SAML 2.0, encrypted`, arrived)
}
