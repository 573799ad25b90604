import { randomBytes, sign } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { element, escapeText } from './canonical-xml.ts'
import { assertionNamespace, protocolNamespace } from './response.ts'
import { type SigningOptions, signatureAlgorithmOf, writeSignature } from './signature.ts'

/** LogoutRequest and LogoutResponse as an identity provider sends them. SAML Core 3.7, Bindings 3.4 and 3.5. */

/** Everything after `serviceProvider` overrides what an honest message says; `null` leaves the part out. */
interface CommonOptions {
  readonly serviceProvider: { readonly logoutUrl: string }
  readonly id?: string
  readonly issuer?: string
  readonly destination?: string | null
  readonly issueInstant?: Date
  /** Changes the XML just before it is signed or sent. */
  readonly beforeSigning?: (xml: string) => string
}

export interface IssueLogoutRequestOptions extends CommonOptions {
  readonly nameId: string
  /** Default: persistent. */
  readonly nameIdFormat?: string
  readonly nameQualifier?: string
  readonly spNameQualifier?: string
  readonly sessionIndexes?: readonly string[]
  readonly notOnOrAfter?: Date
}

export interface IssueLogoutResponseOptions extends CommonOptions {
  readonly inResponseTo: string | null
  /** Outermost first, short names of SAML Core 3.2.2.2. Default `Success`. */
  readonly status?: readonly string[]
}

/** A message that is ready to be sent by either binding, signed as that binding wants it. */
export interface IssuedLogoutMessage {
  readonly id: string
  readonly xml: string
  /** The raw query, signed. */
  redirectQuery(relayState?: string): string
  /** The fields of the form, the XML signed inside. */
  postFields(relayState?: string): Readonly<Record<string, string>>
}

interface Sender {
  readonly entityId: string
  readonly signing: SigningOptions
  readonly now: Date
}

const persistent = 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'

export function issueLogoutRequest(sender: Sender, options: IssueLogoutRequestOptions): IssuedLogoutMessage {
  const nameId = element(
    'saml:NameID',
    {
      'xmlns:saml': assertionNamespace,
      Format: options.nameIdFormat ?? persistent,
      NameQualifier: options.nameQualifier,
      SPNameQualifier: options.spNameQualifier,
    },
    escapeText(options.nameId),
  )
  const indexes = (options.sessionIndexes ?? []).map((index) => element('samlp:SessionIndex', {}, escapeText(index)))
  const attributes = { NotOnOrAfter: options.notOnOrAfter?.toISOString() }
  return issue(sender, options, { name: 'LogoutRequest', attributes, content: [nameId, ...indexes] })
}

export function issueLogoutResponse(sender: Sender, options: IssueLogoutResponseOptions): IssuedLogoutMessage {
  const [code = 'Success', ...inner] = options.status ?? []
  const nested = inner.reduceRight<string | undefined>((inside, name) => statusCode(name, inside), undefined)
  const content = [element('samlp:Status', {}, statusCode(code, nested))]
  const attributes = { InResponseTo: options.inResponseTo ?? undefined }
  return issue(sender, options, { name: 'LogoutResponse', attributes, content })
}

function statusCode(name: string, inside: string | undefined): string {
  return element('samlp:StatusCode', { Value: `urn:oasis:names:tc:SAML:2.0:status:${name}` }, inside)
}

interface Body {
  readonly name: 'LogoutRequest' | 'LogoutResponse'
  readonly attributes: Readonly<Record<string, string | undefined>>
  readonly content: readonly string[]
}

function issue(sender: Sender, options: CommonOptions, { name, attributes, content }: Body): IssuedLogoutMessage {
  const id = options.id ?? `_${randomBytes(16).toString('hex')}`
  const issuer = element(
    'saml:Issuer',
    { 'xmlns:saml': assertionNamespace },
    escapeText(options.issuer ?? sender.entityId),
  )
  const written = element(
    `samlp:${name}`,
    {
      'xmlns:samlp': protocolNamespace,
      ID: id,
      Version: '2.0',
      IssueInstant: (options.issueInstant ?? sender.now).toISOString(),
      Destination:
        options.destination === null ? undefined : (options.destination ?? options.serviceProvider.logoutUrl),
      ...attributes,
    },
    issuer,
    ...content,
  )
  const xml = options.beforeSigning?.(written) ?? written
  const field = name === 'LogoutRequest' ? 'SAMLRequest' : 'SAMLResponse'
  return {
    id,
    xml,
    redirectQuery: (relayState) => redirectQuery(field, xml, relayState, sender.signing),
    postFields: (relayState) => ({
      [field]: Buffer.from(signInside(xml, id, sender.signing)).toString('base64'),
      ...(relayState === undefined ? {} : { RelayState: relayState }),
    }),
  }
}

function redirectQuery(field: string, xml: string, relayState: string | undefined, signing: SigningOptions): string {
  const { uri, hash } = signatureAlgorithmOf(signing)
  const parts = [
    `${field}=${encodeURIComponent(deflateRawSync(Buffer.from(xml)).toString('base64'))}`,
    ...(relayState === undefined ? [] : [`RelayState=${encodeURIComponent(relayState)}`]),
    `SigAlg=${encodeURIComponent(uri)}`,
  ]
  const octets = Buffer.from(parts.join('&'))
  const value = sign(hash, octets, { key: signing.privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64')
  return [...parts, `Signature=${encodeURIComponent(value)}`].join('&')
}

function signInside(xml: string, id: string, signing: SigningOptions): string {
  return xml.replace('</saml:Issuer>', (end) => end + writeSignature(xml, id, signing))
}
