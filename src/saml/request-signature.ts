import { createHash, type KeyObject, sign } from 'node:crypto'
import { LatchkeyError } from '../errors.ts'
import { xmlElement } from './write-xml.ts'

/** How our own messages are signed: the bytes of a redirect, or the XML of a form. XML Signature 4, RFC 4051, RFC 6931. */

const dsig = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#'

const algorithms = {
  'rsa-sha256': { keyType: 'rsa', hash: 'sha256', uri: `${more}rsa-sha256` },
  'rsa-sha384': { keyType: 'rsa', hash: 'sha384', uri: `${more}rsa-sha384` },
  'rsa-sha512': { keyType: 'rsa', hash: 'sha512', uri: `${more}rsa-sha512` },
  'ecdsa-sha256': { keyType: 'ec', hash: 'sha256', uri: `${more}ecdsa-sha256` },
  'ecdsa-sha384': { keyType: 'ec', hash: 'sha384', uri: `${more}ecdsa-sha384` },
  'ecdsa-sha512': { keyType: 'ec', hash: 'sha512', uri: `${more}ecdsa-sha512` },
} as const

export type RequestSignatureAlgorithm = keyof typeof algorithms

export interface RequestSigning {
  /** Private, RSA or EC. */
  readonly key: KeyObject
  /** Default: SHA-256 with the kind of key there is. */
  readonly algorithm?: RequestSignatureAlgorithm | undefined
}

/** Throws `configuration_invalid` when the algorithm is not one of this key. */
function algorithmOf({ key, algorithm }: RequestSigning) {
  const keyType = key.asymmetricKeyType
  const chosen = algorithms[algorithm ?? (keyType === 'ec' ? 'ecdsa-sha256' : 'rsa-sha256')]
  if (key.type === 'private' && chosen.keyType === keyType) return chosen
  throw new LatchkeyError('configuration_invalid', {
    check: 'request signing key',
    wanted: `a private ${chosen.keyType} key`,
    arrived: `${key.type} ${keyType ?? ''}`,
  })
}

export function signatureAlgorithmUri(signing: RequestSigning): string {
  return algorithmOf(signing).uri
}

/** Base64. An ECDSA signature is the two numbers side by side, as XML Signature has it (RFC 4051 2.3.6), not ASN.1. */
export function signText(text: string, signing: RequestSigning): string {
  const { hash } = algorithmOf(signing)
  return sign(hash, Buffer.from(text, 'utf8'), { key: signing.key, dsaEncoding: 'ieee-p1363' }).toString('base64')
}

/** SHA-256, whichever hash the signature has: it is in every implementation. */
const digestMethod = 'http://www.w3.org/2001/04/xmlenc#sha256'

/**
 * Puts an enveloped signature behind the Issuer of a message from `write-xml.ts`, which is canonical as it stands. No
 * KeyInfo: the receiver has our key from our metadata. SAML Core 5.4.
 */
export function signMessage(xml: string, id: string, signing: RequestSigning): string {
  const signature = writeSignature(xml, id, signing)
  return xml.replace('</saml:Issuer>', (end) => end + signature)
}

/** The same for metadata, where the signature is the first thing inside. SAML Metadata 2.3.2. */
export function signDescriptor(xml: string, id: string, signing: RequestSigning): string {
  const signature = writeSignature(xml, id, signing)
  return xml.replace(/^<[^>]*>/, (start) => start + signature)
}

function writeSignature(xml: string, id: string, signing: RequestSigning): string {
  const digest = createHash('sha256').update(xml, 'utf8').digest('base64')
  const parts = [
    xmlElement('ds:CanonicalizationMethod', { Algorithm: exclusive }),
    xmlElement('ds:SignatureMethod', { Algorithm: signatureAlgorithmUri(signing) }),
    writeReference(id, digest),
  ]
  // What is signed is SignedInfo cut out of the message: there it declares its own namespace.
  const value = signText(xmlElement('ds:SignedInfo', { 'xmlns:ds': dsig }, ...parts), signing)
  return xmlElement(
    'ds:Signature',
    { 'xmlns:ds': dsig },
    xmlElement('ds:SignedInfo', {}, ...parts),
    xmlElement('ds:SignatureValue', {}, value),
  )
}

function writeReference(id: string, digest: string): string {
  return xmlElement(
    'ds:Reference',
    { URI: `#${id}` },
    xmlElement(
      'ds:Transforms',
      {},
      xmlElement('ds:Transform', { Algorithm: `${dsig}enveloped-signature` }),
      xmlElement('ds:Transform', { Algorithm: exclusive }),
    ),
    xmlElement('ds:DigestMethod', { Algorithm: digestMethod }),
    xmlElement('ds:DigestValue', {}, digest),
  )
}
