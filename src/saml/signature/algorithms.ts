import { exclusiveC14nNamespace, signatureNamespace } from '../names.ts'
import type { WeakCryptography } from '../trust-settings.ts'

/** The algorithms that are accepted. A URI that is not in these tables is refused by name: HMAC, DSA, XSLT, … */

/** SHA-1 is accepted behind `dangerouslyAllowSha1` alone. */
export type HashName = 'sha1' | 'sha256' | 'sha384' | 'sha512'

export interface SignatureAlgorithm {
  readonly keyType: 'rsa' | 'ec'
  readonly hash: HashName
}

const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const encryption = 'http://www.w3.org/2001/04/xmlenc#'

/** RFC 9231 section 2.3. RSA is PKCS#1 v1.5. */
export const signatureAlgorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  [`${more}rsa-sha256`, { keyType: 'rsa', hash: 'sha256' }],
  [`${more}rsa-sha384`, { keyType: 'rsa', hash: 'sha384' }],
  [`${more}rsa-sha512`, { keyType: 'rsa', hash: 'sha512' }],
  [`${more}ecdsa-sha256`, { keyType: 'ec', hash: 'sha256' }],
  [`${more}ecdsa-sha384`, { keyType: 'ec', hash: 'sha384' }],
  [`${more}ecdsa-sha512`, { keyType: 'ec', hash: 'sha512' }],
])

/** RFC 9231 section 2.1. */
export const digestAlgorithms: ReadonlyMap<string, HashName> = new Map([
  [`${encryption}sha256`, 'sha256'],
  [`${more}sha384`, 'sha384'],
  [`${encryption}sha512`, 'sha512'],
])

/** Apart from the others, so that whoever looks an algorithm up without asking for these does not find them. */
const sha1SignatureAlgorithms: ReadonlyMap<string, SignatureAlgorithm> = new Map([
  [`${signatureNamespace}rsa-sha1`, { keyType: 'rsa', hash: 'sha1' }],
  [`${more}ecdsa-sha1`, { keyType: 'ec', hash: 'sha1' }],
])
const sha1DigestAlgorithms: ReadonlyMap<string, HashName> = new Map([[`${signatureNamespace}sha1`, 'sha1']])

/** Undefined for what is not accepted. */
export function findSignatureAlgorithm(uri: string, allowed: WeakCryptography): SignatureAlgorithm | undefined {
  const weak = allowed.dangerouslyAllowSha1 === true ? sha1SignatureAlgorithms.get(uri) : undefined
  return signatureAlgorithms.get(uri) ?? weak
}

/** Undefined for what is not accepted. */
export function findDigestAlgorithm(uri: string, allowed: WeakCryptography): HashName | undefined {
  const weak = allowed.dangerouslyAllowSha1 === true ? sha1DigestAlgorithms.get(uri) : undefined
  return digestAlgorithms.get(uri) ?? weak
}

/** For a refusal of an algorithm; undefined where nothing helps but another one. */
export function adviceOn(uri: string): string | undefined {
  if (!sha1SignatureAlgorithms.has(uri) && !sha1DigestAlgorithms.has(uri)) return undefined
  return 'Let the identity provider sign with SHA-256. See dangerouslyAllowSha1.'
}

/**
 * Exclusive canonicalization. "With comments" means the same here, because no comment is ever read. Inclusive
 * canonicalization is left out: it would sign what stands around the element. SAML Core 5.4.3.
 */
export const canonicalizationAlgorithms: ReadonlySet<string> = new Set([
  exclusiveC14nNamespace,
  `${exclusiveC14nNamespace}WithComments`,
])

export const envelopedSignature = `${signatureNamespace}enveloped-signature`
