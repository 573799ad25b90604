import { createHash, type KeyObject, sign } from 'node:crypto'
import { LatchkeyError } from '../errors.ts'
import { element } from './canonical-xml.ts'

/**
 * Signs an element that is in exclusive canonical form already. It shares nothing with the verifier in `saml/`, so that
 * a fault in one of the two shows as a refusal. SAML Core 5.4, XML Signature 4.
 */

const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const xmlenc = 'http://www.w3.org/2001/04/xmlenc#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

const algorithms = {
  'rsa-sha256': { keyType: 'rsa', hash: 'sha256', signature: `${more}rsa-sha256`, digest: `${xmlenc}sha256` },
  'rsa-sha384': { keyType: 'rsa', hash: 'sha384', signature: `${more}rsa-sha384`, digest: `${more}sha384` },
  'rsa-sha512': { keyType: 'rsa', hash: 'sha512', signature: `${more}rsa-sha512`, digest: `${xmlenc}sha512` },
  'ecdsa-sha256': { keyType: 'ec', hash: 'sha256', signature: `${more}ecdsa-sha256`, digest: `${xmlenc}sha256` },
  'ecdsa-sha384': { keyType: 'ec', hash: 'sha384', signature: `${more}ecdsa-sha384`, digest: `${more}sha384` },
  'ecdsa-sha512': { keyType: 'ec', hash: 'sha512', signature: `${more}ecdsa-sha512`, digest: `${xmlenc}sha512` },
  /** Only to show that it is refused. */
  'rsa-sha1': { keyType: 'rsa', hash: 'sha1', signature: `${dsig}rsa-sha1`, digest: `${dsig}sha1` },
} as const

export type SignatureAlgorithm = keyof typeof algorithms

export interface SigningOptions {
  readonly privateKey: KeyObject
  /** Base64 of the DER form; stands in KeyInfo. */
  readonly certificate: string
  /** Default: SHA-256 with the kind of key there is. */
  readonly algorithm?: SignatureAlgorithm | undefined
}

/** Gives the `ds:Signature` over an element with this ID. Throws `input_invalid` when key and algorithm do not fit. */
export function writeSignature(canonicalXml: string, id: string, options: SigningOptions): string {
  const algorithm = algorithms[algorithmFor(options)]
  const parts = [
    element('ds:CanonicalizationMethod', { Algorithm: exclusive }),
    element('ds:SignatureMethod', { Algorithm: algorithm.signature }),
    writeReference(id, algorithm.digest, createHash(algorithm.hash).update(canonicalXml, 'utf8').digest('base64')),
  ]
  // Cut out of the signature, SignedInfo declares its own namespace; inside it, the signature's declaration serves.
  const signedInfo = element('ds:SignedInfo', { 'xmlns:ds': dsig }, ...parts)
  const value = sign(algorithm.hash, Buffer.from(signedInfo, 'utf8'), {
    key: options.privateKey,
    dsaEncoding: 'ieee-p1363',
  })
  return element(
    'ds:Signature',
    { 'xmlns:ds': dsig },
    element('ds:SignedInfo', {}, ...parts),
    element('ds:SignatureValue', {}, value.toString('base64')),
    writeKeyInfo(options.certificate),
  )
}

/** For a signature that stands beside a message and not inside it. */
export function signatureAlgorithmOf(options: SigningOptions): { readonly uri: string; readonly hash: string } {
  const { signature: uri, hash } = algorithms[algorithmFor(options)]
  return { uri, hash }
}

function algorithmFor({ privateKey, algorithm }: SigningOptions): SignatureAlgorithm {
  const keyType = privateKey.asymmetricKeyType === 'ec' ? 'ec' : 'rsa'
  const chosen = algorithm ?? (keyType === 'ec' ? 'ecdsa-sha256' : 'rsa-sha256')
  if (algorithms[chosen].keyType === keyType) return chosen
  throw new LatchkeyError('input_invalid', { check: 'signature algorithm', wanted: keyType, arrived: chosen })
}

function writeReference(id: string, digestMethod: string, digestValue: string): string {
  return element(
    'ds:Reference',
    { URI: `#${id}` },
    element(
      'ds:Transforms',
      {},
      element('ds:Transform', { Algorithm: `${dsig}enveloped-signature` }),
      element('ds:Transform', { Algorithm: exclusive }),
    ),
    element('ds:DigestMethod', { Algorithm: digestMethod }),
    element('ds:DigestValue', {}, digestValue),
  )
}

function writeKeyInfo(certificate: string): string {
  return element('ds:KeyInfo', {}, element('ds:X509Data', {}, element('ds:X509Certificate', {}, certificate)))
}

export { dsig as signatureNamespace }
