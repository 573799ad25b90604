import { type ResponseBinding, responseBindings } from '../authn-request.ts'
import { contentAlgorithms, rsaOaep, rsaOaepMgf1p } from '../encryption/algorithms.ts'
import { protocolNamespace, signatureNamespace } from '../names.ts'
import { type RequestSigning, signDescriptor } from '../request-signature.ts'
import { xmlElement, xmlText, xmlTime } from '../write-xml.ts'
import { metadataNamespace } from './metadata-document.ts'

/** What we tell an identity provider about ourselves. SAML Metadata 2.4.4. */
export interface ServiceProviderMetadataOptions {
  readonly entityId: string
  /** Where responses come to. */
  readonly acsUrl: string
  /** How they come: `artifact` offers HTTP-Artifact, and HTTP-POST as well. Default `post`: that alone. */
  readonly responseBinding?: ResponseBinding | undefined
  /** Where logout requests and responses go, by redirect and by form; absent: single logout is not offered. */
  readonly logoutUrl?: string | undefined
  /** Base64 of the DER form; absent: we sign nothing. */
  readonly signingCertificate?: string | undefined
  /** Of keys that will sign one day: published before they are used. */
  readonly furtherSigningCertificates?: readonly string[] | undefined
  /** Base64 of the DER form; absent: nothing can be encrypted for us. */
  readonly encryptionCertificate?: string | undefined
  /** URIs of the NameID formats we ask for, the preferred first; may be empty. */
  readonly nameIdFormats: readonly string[]
  readonly wantAssertionsSigned: boolean
  readonly authnRequestsSigned: boolean
  /** What we would like to be told of a person. SAML Metadata 2.4.4.1. */
  readonly requestedAttributes?: readonly RequestedAttribute[] | undefined
  /** When it should be read again. SAML Metadata 2.3.2. */
  readonly cacheSeconds?: number | undefined
  /** When it must not be used any more. */
  readonly validUntil?: Date | undefined
  /** Signs the whole; `id` is what the signature refers to, `_` and hexadecimal digits. SAML Metadata 3.1. */
  readonly sign?: { readonly id: string; readonly signing: RequestSigning } | undefined
}

export interface RequestedAttribute {
  readonly name: string
  readonly friendlyName?: string | undefined
  readonly isRequired?: boolean | undefined
}

/** Gives the XML. Throws `input_invalid` when a value holds a character that XML cannot carry. */
export function writeServiceProviderMetadata(options: ServiceProviderMetadataOptions): string {
  const role = xmlElement(
    'md:SPSSODescriptor',
    {
      AuthnRequestsSigned: String(options.authnRequestsSigned),
      WantAssertionsSigned: String(options.wantAssertionsSigned),
      protocolSupportEnumeration: protocolNamespace,
    },
    options.signingCertificate && writeKey('signing', options.signingCertificate),
    ...(options.furtherSigningCertificates ?? []).map((certificate) => writeKey('signing', certificate)),
    options.encryptionCertificate && writeKey('encryption', options.encryptionCertificate, ...encryptionMethods()),
    ...writeLogoutServices(options.logoutUrl),
    ...options.nameIdFormats.map((format) => xmlElement('md:NameIDFormat', {}, xmlText(format))),
    ...writeConsumerServices(options),
    writeRequestedAttributes(options.requestedAttributes ?? []),
  )
  const entity = xmlElement(
    'md:EntityDescriptor',
    {
      'xmlns:md': metadataNamespace,
      ID: options.sign?.id,
      cacheDuration: options.cacheSeconds === undefined ? undefined : `PT${options.cacheSeconds}S`,
      entityID: options.entityId,
      validUntil: options.validUntil && xmlTime(options.validUntil),
    },
    role,
  )
  const { sign } = options
  const signed = sign === undefined ? entity : signDescriptor(entity, sign.id, sign.signing)
  return `<?xml version="1.0" encoding="UTF-8"?>\n${signed}\n`
}

/** The index of each stays the same whichever is the default: identity providers remember it. */
function writeConsumerServices({ acsUrl, responseBinding = 'post' }: ServiceProviderMetadataOptions) {
  const offered: readonly ResponseBinding[] = responseBinding === 'post' ? ['post'] : ['post', 'artifact']
  return offered.map((binding, index) =>
    xmlElement('md:AssertionConsumerService', {
      Binding: responseBindings[binding],
      Location: acsUrl,
      index: String(index),
      isDefault: String(binding === responseBinding),
    }),
  )
}

function writeLogoutServices(location: string | undefined): readonly string[] {
  if (location === undefined) return []
  return ['HTTP-Redirect', 'HTTP-POST'].map((binding) =>
    xmlElement('md:SingleLogoutService', {
      Binding: `urn:oasis:names:tc:SAML:2.0:bindings:${binding}`,
      Location: location,
    }),
  )
}

function writeKey(use: 'signing' | 'encryption', certificate: string, ...methods: readonly string[]): string {
  const data = xmlElement('ds:X509Data', {}, xmlElement('ds:X509Certificate', {}, certificate))
  const info = xmlElement('ds:KeyInfo', { 'xmlns:ds': signatureNamespace }, data)
  return xmlElement('md:KeyDescriptor', { use }, info, ...methods)
}

/** What we ask for: less than we accept, the preferred first. AES-CBC would need a signature around it. SAML Metadata 2.4.1.1. */
function encryptionMethods(): readonly string[] {
  const content = [...contentAlgorithms].filter(([, { mode }]) => mode === 'gcm').map(([uri]) => uri)
  return [...content, rsaOaep, rsaOaepMgf1p].map((uri) => xmlElement('md:EncryptionMethod', { Algorithm: uri }))
}

function writeRequestedAttributes(attributes: readonly RequestedAttribute[]): string {
  if (attributes.length === 0) return ''
  return xmlElement(
    'md:AttributeConsumingService',
    { index: '0', isDefault: 'true' },
    xmlElement('md:ServiceName', { 'xml:lang': 'en' }, 'Latchkey'),
    ...attributes.map(writeRequestedAttribute),
  )
}

function writeRequestedAttribute({ name, friendlyName, isRequired }: RequestedAttribute): string {
  const format = /^(?:urn|https?):/i.test(name) ? 'uri' : 'basic'
  return xmlElement('md:RequestedAttribute', {
    Name: name,
    NameFormat: `urn:oasis:names:tc:SAML:2.0:attrname-format:${format}`,
    FriendlyName: friendlyName,
    isRequired: isRequired ? 'true' : undefined,
  })
}
