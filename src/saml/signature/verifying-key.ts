import { createHash, type KeyObject, verify } from 'node:crypto'
import { decodeBase64 } from '../base64.ts'
import { signatureNamespace } from '../names.ts'
import { refusal } from '../refusal.ts'
import type { SigningKey, WeakCryptography } from '../trust-settings.ts'
import { allElements, isElement, textOf, type XmlElement } from '../xml/element.ts'
import type { SignatureAlgorithm } from './algorithms.ts'
import type { SignatureParts } from './signature-parts.ts'

const minRsaBits = 2048
/** Behind `dangerouslyAllowWeakKeys`. Below, a key is a matter of hours. */
const minWeakRsaBits = 1024
/** P-256, P-384 and P-521, as OpenSSL calls them. */
const curves: ReadonlySet<string | undefined> = new Set(['prime256v1', 'secp384r1', 'secp521r1'])

/**
 * The configured key that made the signature over these bytes. The key type must be the algorithm's, so that no public
 * key can be taken for something else.
 *
 * Throws `saml_signature_invalid` when none did, `saml_key_too_weak` when only a weak one did.
 */
export function findVerifyingKey(
  bytes: Buffer,
  algorithm: SignatureAlgorithm,
  signature: Pick<SignatureParts, 'signatureValue' | 'keyInfo'>,
  keys: readonly SigningKey[],
  { dangerouslyAllowWeakKeys }: WeakCryptography = {},
): SigningKey {
  const verifying = keys.find(({ key }) => verifies(key, algorithm, bytes, signature.signatureValue))
  if (verifying === undefined) throw noKeyVerifies(keys, signature.keyInfo)
  const weakness = weaknessOf(verifying.key, dangerouslyAllowWeakKeys === true ? minWeakRsaBits : minRsaBits)
  if (weakness === undefined) return verifying
  throw refusal('saml_key_too_weak', {
    check: 'SigningKey',
    wanted: `RSA of at least ${minRsaBits} bits, or the curve P-256, P-384 or P-521`,
    arrived: `${weakness}, certificate ${verifying.fingerprint}`,
    advice:
      'Let the identity provider make a new signing certificate, whose metadata we then read. See dangerouslyAllowWeakKeys.',
  })
}

function verifies(key: KeyObject, { keyType, hash }: SignatureAlgorithm, bytes: Buffer, value: Buffer): boolean {
  if (key.asymmetricKeyType !== keyType) return false
  // XML Signature writes r and s side by side (RFC 9231 section 2.3.6), where X.509 uses a DER sequence.
  return verify(hash, bytes, keyType === 'ec' ? { key, dsaEncoding: 'ieee-p1363' } : key, value)
}

function weaknessOf(key: KeyObject, minBits: number): string | undefined {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'rsa') return modulusLength < minBits ? `RSA of ${modulusLength} bits` : undefined
  return curves.has(namedCurve) ? undefined : `the curve ${namedCurve}`
}

function noKeyVerifies(keys: readonly SigningKey[], keyInfo: XmlElement | undefined) {
  return refusal('saml_signature_invalid', {
    check: 'SignatureValue',
    wanted: `a signature by one of the certificates ${keys.map((key) => key.fingerprint).join(', ')}`,
    arrived: `a signature that names ${certificateNamed(keyInfo) ?? 'no certificate'}`,
    advice:
      'If the identity provider has a new signing certificate, let us read its metadata again: latchkey connection refresh, or connection set --metadata where it was given as a file.',
  })
}

/** Fingerprint of the certificate the message names: a hint for the administrator that proves nothing. */
function certificateNamed(keyInfo: XmlElement | undefined): string | undefined {
  if (keyInfo === undefined) return undefined
  for (const element of allElements(keyInfo)) {
    if (!isElement(element, signatureNamespace, 'X509Certificate')) continue
    const certificate = decodeBase64(textOf(element) ?? '')
    return certificate && `the certificate ${createHash('sha256').update(certificate).digest('hex')}`
  }
  return undefined
}
