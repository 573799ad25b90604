import { element, escapeText } from './canonical-xml.ts'
import { type EncryptionOptions, writeEncrypted } from './encryption.ts'
import { type SigningOptions, writeSignature } from './signature.ts'

/** The Response of the Web Browser SSO profile (SAML Profiles 4.1.4), written and signed as asked. */

export const protocolNamespace = 'urn:oasis:names:tc:SAML:2.0:protocol'
export const assertionNamespace = 'urn:oasis:names:tc:SAML:2.0:assertion'
const statusPrefix = 'urn:oasis:names:tc:SAML:2.0:status:'

export type SignedPart = 'response' | 'assertion' | 'both'

/** SAML Core 2.7.3.1. */
export interface IssuedAttribute {
  readonly name: string
  /** Default: `urn:oasis:names:tc:SAML:2.0:attrname-format:basic`. */
  readonly nameFormat?: string
  readonly friendlyName?: string
  readonly values: readonly string[]
}

/** A status other than Success. Short names (`Responder`, `AuthnFailed`) stand for the URIs of SAML Core 3.2.2.2. */
export interface IssuedStatus {
  readonly code: string
  readonly subCode?: string
  readonly message?: string
}

/** All that a response says; nothing is filled in here. `undefined` leaves an optional part out. */
export interface ResponseContent {
  readonly responseId: string
  readonly assertionId: string
  readonly issuer: string
  readonly destination: string | undefined
  readonly inResponseTo: string | undefined
  readonly issueInstant: Date
  readonly status: IssuedStatus | undefined
  readonly nameId: string
  readonly nameIdFormat: string
  readonly recipient: string
  readonly audience: string | undefined
  readonly notBefore: Date | undefined
  readonly notOnOrAfter: Date
  readonly authnInstant: Date
  readonly sessionIndex: string | undefined
  readonly sessionNotOnOrAfter: Date | undefined
  readonly authnContextClassRef: string
  readonly attributes: readonly IssuedAttribute[]
}

/** Changes the canonical text of an element just before it is signed, to make messages no honest identity provider sends. */
export interface BeforeSigning {
  readonly assertion?: (xml: string) => string
  readonly response?: (xml: string) => string
}

export interface ResponseSigning extends SigningOptions {
  /** `none` signs nothing: only to show that it is refused. */
  readonly sign: SignedPart | 'none'
  readonly beforeSigning?: BeforeSigning | undefined
  /** Encrypts the assertion, after it was signed and before the response is. */
  readonly encrypt?: EncryptionOptions | undefined
}

/** A status other than Success comes without an assertion (SAML Profiles 4.1.4.2). */
export function writeResponse(content: ResponseContent, signing: ResponseSigning): string {
  const { sign, beforeSigning } = signing
  let assertion = ''
  if (content.status === undefined) {
    assertion = (beforeSigning?.assertion ?? same)(writeAssertion(content))
    if (sign === 'assertion' || sign === 'both') assertion = signElement(assertion, content.assertionId, signing)
    if (signing.encrypt)
      assertion = element('saml:EncryptedAssertion', saml, writeEncrypted(assertion, signing.encrypt))
  }
  const response = (beforeSigning?.response ?? same)(writeEnvelope(content, assertion))
  const signResponse = sign === 'response' || sign === 'both'
  return signResponse ? signElement(response, content.responseId, signing) : response
}

const same = (xml: string) => xml
const xmlTime = (at: Date | undefined) => at?.toISOString()
const saml = { 'xmlns:saml': assertionNamespace }

/** The signature follows the element's own Issuer, its first child (SAML Core 2.3.3, 3.2.2). */
function signElement(xml: string, id: string, options: SigningOptions): string {
  const [end] = /<\/(?:\w+:)?Issuer>/.exec(xml) ?? ['']
  const at = xml.indexOf(end) + end.length
  return xml.slice(0, at) + writeSignature(xml, id, options) + xml.slice(at)
}

function writeEnvelope(content: ResponseContent, assertion: string): string {
  return element(
    'samlp:Response',
    {
      'xmlns:samlp': protocolNamespace,
      ID: content.responseId,
      Version: '2.0',
      IssueInstant: xmlTime(content.issueInstant),
      Destination: content.destination,
      InResponseTo: content.inResponseTo,
    },
    element('saml:Issuer', saml, escapeText(content.issuer)),
    writeStatus(content.status),
    assertion,
  )
}

function writeStatus(status: IssuedStatus | undefined): string {
  const uri = (code: string) => (code.includes(':') ? code : statusPrefix + code)
  const subCode = status?.subCode && element('samlp:StatusCode', { Value: uri(status.subCode) })
  return element(
    'samlp:Status',
    {},
    element('samlp:StatusCode', { Value: uri(status?.code ?? 'Success') }, subCode),
    status?.message && element('samlp:StatusMessage', {}, escapeText(status.message)),
  )
}

function writeAssertion(content: ResponseContent): string {
  return element(
    'saml:Assertion',
    { ...saml, ID: content.assertionId, Version: '2.0', IssueInstant: xmlTime(content.issueInstant) },
    element('saml:Issuer', {}, escapeText(content.issuer)),
    writeSubject(content),
    writeConditions(content),
    writeAuthnStatement(content),
    writeAttributeStatement(content.attributes),
  )
}

function writeSubject(content: ResponseContent): string {
  const data = element('saml:SubjectConfirmationData', {
    InResponseTo: content.inResponseTo,
    NotOnOrAfter: xmlTime(content.notOnOrAfter),
    Recipient: content.recipient,
  })
  return element(
    'saml:Subject',
    {},
    element('saml:NameID', { Format: content.nameIdFormat }, escapeText(content.nameId)),
    element('saml:SubjectConfirmation', { Method: 'urn:oasis:names:tc:SAML:2.0:cm:bearer' }, data),
  )
}

function writeConditions({ audience, notBefore, notOnOrAfter }: ResponseContent): string {
  const restriction =
    audience && element('saml:AudienceRestriction', {}, element('saml:Audience', {}, escapeText(audience)))
  return element('saml:Conditions', { NotBefore: xmlTime(notBefore), NotOnOrAfter: xmlTime(notOnOrAfter) }, restriction)
}

function writeAuthnStatement(content: ResponseContent): string {
  return element(
    'saml:AuthnStatement',
    {
      AuthnInstant: xmlTime(content.authnInstant),
      SessionIndex: content.sessionIndex,
      SessionNotOnOrAfter: xmlTime(content.sessionNotOnOrAfter),
    },
    element(
      'saml:AuthnContext',
      {},
      element('saml:AuthnContextClassRef', {}, escapeText(content.authnContextClassRef)),
    ),
  )
}

function writeAttributeStatement(attributes: readonly IssuedAttribute[]): string {
  if (attributes.length === 0) return ''
  return element('saml:AttributeStatement', {}, ...attributes.map(writeAttribute))
}

function writeAttribute({ name, nameFormat, friendlyName, values }: IssuedAttribute): string {
  return element(
    'saml:Attribute',
    {
      Name: name,
      NameFormat: nameFormat ?? 'urn:oasis:names:tc:SAML:2.0:attrname-format:basic',
      FriendlyName: friendlyName,
    },
    ...values.map((value) => element('saml:AttributeValue', {}, escapeText(value))),
  )
}
