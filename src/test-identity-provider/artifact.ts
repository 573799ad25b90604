import { createHash, randomBytes } from 'node:crypto'
import { LatchkeyError } from '../errors.ts'
import { element, escapeText } from './canonical-xml.ts'
import { checkEnvelopedSignature } from './enveloped-signature.ts'
import { attributeOf, unescapeXml } from './read-authn-request.ts'
import { assertionNamespace, protocolNamespace } from './response.ts'
import { type SigningOptions, writeSignature } from './signature.ts'

/** Answering by artifact: the browser carries a name, and the service provider asks for what it names. SAML Bindings 3.6, Core 3.5. */

const soapNamespace = 'http://schemas.xmlsoap.org/soap/envelope/'

/** What there is one artifact resolution service under. */
export const artifactIndex = 0

/** Type 4. SAML Bindings 3.6.4. */
export function newArtifact(entityId: string, index = artifactIndex): string {
  const head = Buffer.alloc(4)
  head.writeUInt16BE(0x0004, 0)
  head.writeUInt16BE(index, 2)
  return Buffer.concat([head, createHash('sha1').update(entityId).digest(), randomBytes(20)]).toString('base64')
}

export interface ReceivedArtifactResolve {
  readonly id: string
  readonly issuer: string
  readonly artifact: string
}

/**
 * Reads the SOAP request of a service provider, as leniently as an AuthnRequest. With a certificate on record a signature is
 * wanted. Throws `request_invalid`.
 */
export function readArtifactResolve(
  body: string,
  certificateOf: (issuer: string) => string | undefined,
): ReceivedArtifactResolve {
  const [message, root = ''] = /<samlp:ArtifactResolve(\s[^>]*)>.*<\/samlp:ArtifactResolve>/s.exec(body) ?? []
  if (message === undefined || body.includes('<!')) {
    throw new LatchkeyError('request_invalid', { check: 'SOAP Body', wanted: 'an ArtifactResolve' })
  }
  const received = {
    id: attributeOf(root, 'ID') ?? '',
    issuer: textOf(message, 'Issuer'),
    artifact: textOf(message, 'Artifact'),
  }
  const certificate = certificateOf(received.issuer)
  if (certificate !== undefined) checkEnvelopedSignature(message, received.id, certificate)
  return received
}

function textOf(xml: string, name: string): string {
  return unescapeXml(new RegExp(`<(?:[\\w.-]+:)?${name}(?:\\s[^>]*)?>([^<]*)<`).exec(xml)?.[1] ?? '').trim()
}

/** Everything after `inResponseTo` overrides what an honest answer says. */
export interface IssueArtifactResponseOptions {
  readonly inResponseTo: string
  /** XML of the message that the artifact stands for; absent: there is none any more. */
  readonly message?: string | undefined
  /** Signs the ArtifactResponse. Default true. */
  readonly isSigned?: boolean
  readonly issuer?: string
  /** Short names of SAML Core 3.2.2.2, the outermost first. Default `Success`. */
  readonly status?: readonly string[]
  readonly id?: string
  /** Changes the ArtifactResponse just before it is signed, or sent. */
  readonly beforeSigning?: (xml: string) => string
  /** Attributes of the Envelope besides its namespace. */
  readonly envelope?: Readonly<Record<string, string>>
}

interface Sender {
  readonly entityId: string
  readonly signing: SigningOptions
  readonly now: Date
}

/** The ArtifactResponse in its SOAP envelope. */
export function issueArtifactResponse(sender: Sender, options: IssueArtifactResponseOptions): string {
  const { inResponseTo, message, isSigned = true, status = ['Success'], beforeSigning = (xml: string) => xml } = options
  const id = options.id ?? `_${randomBytes(16).toString('hex')}`
  const written = element(
    'samlp:ArtifactResponse',
    {
      'xmlns:samlp': protocolNamespace,
      ID: id,
      Version: '2.0',
      IssueInstant: sender.now.toISOString(),
      InResponseTo: inResponseTo,
    },
    element('saml:Issuer', { 'xmlns:saml': assertionNamespace }, escapeText(options.issuer ?? sender.entityId)),
    element('samlp:Status', {}, statusCode(status)),
    inPlace(message),
  )
  const xml = beforeSigning(written)
  const sent = isSigned ? xml.replace('</saml:Issuer>', (end) => end + writeSignature(xml, id, sender.signing)) : xml
  const body = element('soap:Body', {}, sent)
  return element('soap:Envelope', { 'xmlns:soap': soapNamespace, ...options.envelope }, body)
}

function statusCode([code, ...inner]: readonly string[]): string {
  const value = `urn:oasis:names:tc:SAML:2.0:status:${code}`
  return element('samlp:StatusCode', { Value: value }, inner.length === 0 ? undefined : statusCode(inner))
}

/** Inside an ArtifactResponse `samlp` is declared already: again, it would not be canonical. */
function inPlace(message: string | undefined): string | undefined {
  return message?.replace(` xmlns:samlp="${protocolNamespace}"`, '')
}
