import { verify, X509Certificate } from 'node:crypto'
import { inflateRawSync } from 'node:zlib'
import { LatchkeyError } from '../errors.ts'
import type { WantedAuthnContext } from './authn-context.ts'

/**
 * Reads an AuthnRequest as the test identity provider needs it: a handful of attributes, out of a bounded message. It is
 * lenient about all it does not need, like many identity providers. SAML Core 3.4.1, Bindings 3.4 and 3.5.
 */
export interface ReceivedAuthnRequest {
  readonly id: string
  readonly issuer: string
  readonly acsUrl: string | undefined
  readonly destination: string | undefined
  readonly nameIdFormat: string | undefined
  readonly protocolBinding: string | undefined
  readonly forceAuthn: boolean
  readonly isPassive: boolean
  readonly authnContext: WantedAuthnContext | undefined
}

const maximumBytes = 64 * 1024

/** The value of `SAMLRequest` from a query. Throws `request_invalid`. */
export function readRedirectRequest(value: string): ReceivedAuthnRequest {
  return readXml(inflate(Buffer.from(value, 'base64')))
}

/** The value of `SAMLRequest` from a form. Throws `request_invalid`. */
export function readPostRequest(value: string): ReceivedAuthnRequest {
  const bytes = Buffer.from(value, 'base64')
  return bytes.length > maximumBytes ? refuse('size', 'at most 64 KB') : readXml(bytes.toString('utf8'))
}

export function inflate(deflated: Buffer): string {
  try {
    return inflateRawSync(deflated, { maxOutputLength: maximumBytes }).toString('utf8')
  } catch (error) {
    return refuse('SAMLRequest', 'base64 of deflated XML, at most 64 KB', undefined, { cause: error })
  }
}

function readXml(xml: string): ReceivedAuthnRequest {
  if (xml.includes('<!')) return refuse('SAMLRequest', 'XML without document type, comments or CDATA')
  const root = /^\s*(?:<\?xml[^>]*\?>\s*)?<(?:[\w.-]+:)?AuthnRequest(\s[^>]*)>/.exec(xml)?.[1]
  if (root === undefined) return refuse('SAMLRequest', 'an AuthnRequest')
  const issuer = /<(?:[\w.-]+:)?Issuer(?:\s[^>]*)?>([^<]*)</.exec(xml)?.[1]
  const policy = /<(?:[\w.-]+:)?NameIDPolicy(\s[^>]*)>/.exec(xml)?.[1] ?? ''
  return {
    id: attributeOf(root, 'ID') ?? refuse('ID', 'the ID of the request'),
    issuer: unescapeXml(issuer ?? refuse('Issuer', 'the entity ID of a service provider')).trim(),
    acsUrl: attributeOf(root, 'AssertionConsumerServiceURL'),
    destination: attributeOf(root, 'Destination'),
    nameIdFormat: attributeOf(policy, 'Format'),
    protocolBinding: attributeOf(root, 'ProtocolBinding'),
    forceAuthn: /^(?:true|1)$/.test(attributeOf(root, 'ForceAuthn') ?? ''),
    isPassive: /^(?:true|1)$/.test(attributeOf(root, 'IsPassive') ?? ''),
    authnContext: readAuthnContext(xml),
  }
}

function readAuthnContext(xml: string): WantedAuthnContext | undefined {
  const [, tag = '', content] =
    /<(?:[\w.-]+:)?RequestedAuthnContext((?:\s[^>]*)?)>(.*?)<\/(?:[\w.-]+:)?RequestedAuthnContext/s.exec(xml) ?? []
  if (content === undefined) return undefined
  const classRefs = [...content.matchAll(/<(?:[\w.-]+:)?AuthnContextClassRef(?:\s[^>]*)?>([^<]*)</g)]
  return {
    comparison: attributeOf(tag, 'Comparison') ?? 'exact',
    classRefs: classRefs.map(([, classRef = '']) => unescapeXml(classRef).trim()),
  }
}

export function attributeOf(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`).exec(tag)
  const value = match?.[1] ?? match?.[2]
  return value === undefined ? undefined : unescapeXml(value)
}

const predefined: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

export function unescapeXml(text: string): string {
  return text.replace(/&(\w+);/g, (whole, name: string) => predefined[name] ?? whole)
}

const hashes: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': 'sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'sha512',
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384': 'sha384',
  'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512': 'sha512',
}

/**
 * The signature of a redirect covers the octets as they were sent, so they are taken from the raw query (Bindings
 * 3.4.4.1). Throws `request_invalid` when there is none but one is wanted, or when it is wrong.
 */
export function checkRedirectSignature(
  rawQuery: string,
  options: { readonly certificate: string; readonly isWanted: boolean },
): void {
  const raw = new Map(rawQuery.split('&').map((pair) => [pair.slice(0, pair.indexOf('=')), pair] as const))
  const value = (name: string) => new URLSearchParams(raw.get(name) ?? '').get(name)
  const [algorithm, signature] = [value('SigAlg'), value('Signature')]
  if (algorithm === null || signature === null) {
    if (options.isWanted) refuse('Signature', 'a signed request')
    return
  }
  const hash = hashes[algorithm] ?? refuse('SigAlg', 'RSA or ECDSA with SHA-256, SHA-384 or SHA-512', algorithm)
  const octets = ['SAMLRequest', 'SAMLResponse', 'RelayState', 'SigAlg']
    .flatMap((name) => raw.get(name) ?? [])
    .join('&')
  const key = new X509Certificate(Buffer.from(options.certificate, 'base64')).publicKey
  const bytes = Buffer.from(signature, 'base64')
  if (!verify(hash, Buffer.from(octets), { key, dsaEncoding: 'ieee-p1363' }, bytes)) {
    refuse('Signature', 'a signature that the certificate of the service provider verifies')
  }
}

function refuse(check: string, wanted: string, arrived?: string, options?: ErrorOptions): never {
  const detail = { check, wanted, ...(arrived === undefined ? {} : { arrived: arrived.slice(0, 500) }) }
  throw new LatchkeyError('request_invalid', detail, options)
}
