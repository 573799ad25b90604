import { randomBytes } from 'node:crypto'
import { type IssueArtifactResponseOptions, issueArtifactResponse } from './artifact.ts'
import type { EncryptionOptions } from './encryption.ts'
import {
  type IssuedLogoutMessage,
  type IssueLogoutRequestOptions,
  type IssueLogoutResponseOptions,
  issueLogoutRequest,
  issueLogoutResponse,
} from './logout-message.ts'
import { type IdentityProviderMetadataOptions, writeIdentityProviderMetadata } from './metadata.ts'
import {
  type BeforeSigning,
  type IssuedAttribute,
  type IssuedStatus,
  type ResponseContent,
  type SignedPart,
  writeResponse,
} from './response.ts'
import type { SignatureAlgorithm } from './signature.ts'
import { createIdentityProviderKey, type IdentityProviderKey, type KeyKind } from './signing-key.ts'

/**
 * The test identity provider: it really signs, for the demo, for tests, and for whoever tries a connection before the
 * customer's own identity provider is ready. Never for production: everybody may be anybody here.
 *
 * It shares no SAML code with `saml/`: what one writes and the other reads must agree by the specification alone.
 * Start reading here; `response.ts` writes the message, `signature.ts` signs it, `server.ts` is its web site.
 */
export interface TestIdentityProvider {
  readonly entityId: string
  /** Origin of its web site; `/sso` and `/metadata` stand below it. */
  readonly baseUrl: string
  /** Base64 of the DER form. */
  readonly certificate: string
  readonly key: IdentityProviderKey
  readonly metadata: (options?: IdentityProviderMetadataOptions) => string
  readonly issueResponse: (options: IssueOptions) => IssuedResponse
  /** The SOAP message that gives out what an artifact stands for. */
  readonly issueArtifactResponse: (options: IssueArtifactResponseOptions) => string
  readonly issueLogoutRequest: (options: IssueLogoutRequestOptions) => IssuedLogoutMessage
  readonly issueLogoutResponse: (options: IssueLogoutResponseOptions) => IssuedLogoutMessage
}

export interface TestIdentityProviderOptions {
  /** Default: `{baseUrl}/metadata`. */
  readonly entityId?: string
  readonly baseUrl: string
  /** Default: a new one. */
  readonly key?: IdentityProviderKey
  /** What kind of key to make when none is given. Default `rsa`. */
  readonly keyKind?: KeyKind
  readonly now?: () => Date
}

/** To whom a response goes. */
export interface KnownServiceProvider {
  readonly entityId: string
  readonly acsUrl: string
}

/** Of whom a response speaks. */
export interface IssuedPerson {
  readonly nameId: string
  /** Default: `urn:oasis:names:tc:SAML:2.0:nameid-format:persistent`. */
  readonly nameIdFormat?: string
  /** Name → one or more values; or the full form. */
  readonly attributes?: Readonly<Record<string, string | readonly string[]>> | readonly IssuedAttribute[]
}

/** Everything after `sign` overrides what an honest response says; `null` leaves the part out. */
export interface IssueOptions {
  readonly serviceProvider: KnownServiceProvider
  readonly person: IssuedPerson
  /** ID of the request this answers; absent: unsolicited. */
  readonly inResponseTo?: string
  /** Default `assertion`. */
  readonly sign?: SignedPart | 'none'
  /** Default: SHA-256 with the kind of key there is. */
  readonly algorithm?: SignatureAlgorithm
  /** Absent: the assertion is not encrypted. */
  readonly encrypt?: EncryptionOptions
  readonly status?: IssuedStatus
  readonly issuer?: string
  readonly destination?: string | null
  readonly recipient?: string
  readonly audience?: string | null
  readonly issueInstant?: Date
  /** Default: one minute ago. */
  readonly notBefore?: Date | null
  /** Of the conditions and of the subject confirmation. Default: in five minutes. */
  readonly notOnOrAfter?: Date
  readonly authnInstant?: Date
  readonly sessionIndex?: string | null
  readonly sessionNotOnOrAfter?: Date
  readonly authnContextClassRef?: string
  readonly assertionId?: string
  readonly responseId?: string
  readonly beforeSigning?: BeforeSigning
}

export interface IssuedResponse {
  readonly xml: string
  /** Base64 of the XML: the form field `SAMLResponse`. */
  readonly samlResponse: string
  readonly assertionId: string
  readonly responseId: string
}

export async function createTestIdentityProvider(options: TestIdentityProviderOptions): Promise<TestIdentityProvider> {
  const now = options.now ?? (() => new Date())
  const entityId = options.entityId ?? `${options.baseUrl}/metadata`
  const key =
    options.key ??
    (await createIdentityProviderKey({ kind: options.keyKind ?? 'rsa', commonName: entityId, now: now() }))
  const sender = () => ({ entityId, signing: key, now: now() })
  return {
    entityId,
    baseUrl: options.baseUrl,
    certificate: key.certificate,
    key,
    metadata: (metadataOptions) =>
      writeIdentityProviderMetadata(
        { entityId, baseUrl: options.baseUrl, certificate: key.certificate },
        metadataOptions,
      ),
    issueResponse: (issueOptions) => issueResponse(entityId, key, issueOptions, now()),
    issueArtifactResponse: (artifactOptions) => issueArtifactResponse(sender(), artifactOptions),
    issueLogoutRequest: (logoutOptions) => issueLogoutRequest(sender(), logoutOptions),
    issueLogoutResponse: (logoutOptions) => issueLogoutResponse(sender(), logoutOptions),
  }
}

function issueResponse(entityId: string, key: IdentityProviderKey, options: IssueOptions, now: Date): IssuedResponse {
  const content = responseContent(entityId, options, now)
  const xml = writeResponse(content, {
    ...key,
    sign: options.sign ?? 'assertion',
    algorithm: options.algorithm,
    encrypt: options.encrypt,
    beforeSigning: options.beforeSigning,
  })
  return {
    xml,
    samlResponse: Buffer.from(xml, 'utf8').toString('base64'),
    assertionId: content.assertionId,
    responseId: content.responseId,
  }
}

function responseContent(entityId: string, options: IssueOptions, now: Date): ResponseContent {
  const { serviceProvider, person } = options
  return {
    responseId: options.responseId ?? newId(),
    assertionId: options.assertionId ?? newId(),
    issuer: options.issuer ?? entityId,
    destination: orAbsent(options.destination, serviceProvider.acsUrl),
    inResponseTo: options.inResponseTo,
    issueInstant: options.issueInstant ?? now,
    status: options.status,
    nameId: person.nameId,
    nameIdFormat: person.nameIdFormat ?? 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent',
    recipient: options.recipient ?? serviceProvider.acsUrl,
    audience: orAbsent(options.audience, serviceProvider.entityId),
    notBefore: orAbsent(options.notBefore, after(now, -60)),
    notOnOrAfter: options.notOnOrAfter ?? after(now, 300),
    authnInstant: options.authnInstant ?? now,
    sessionIndex: orAbsent(options.sessionIndex, newId()),
    sessionNotOnOrAfter: options.sessionNotOnOrAfter,
    authnContextClassRef:
      options.authnContextClassRef ?? 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
    attributes: attributeList(person.attributes ?? []),
  }
}

function orAbsent<T>(given: T | null | undefined, otherwise: T): T | undefined {
  return given === null ? undefined : (given ?? otherwise)
}

function after(now: Date, seconds: number): Date {
  return new Date(now.getTime() + seconds * 1000)
}

/** 128 random bits, as SAML Core 1.3.4 asks, in a form that is an xs:ID. */
function newId(): string {
  return `_${randomBytes(16).toString('hex')}`
}

function attributeList(attributes: NonNullable<IssuedPerson['attributes']>): readonly IssuedAttribute[] {
  if (isAttributeList(attributes)) return attributes
  return Object.entries(attributes).map(([name, value]) => ({
    name,
    values: typeof value === 'string' ? [value] : value,
  }))
}

function isAttributeList(
  attributes: NonNullable<IssuedPerson['attributes']>,
): attributes is readonly IssuedAttribute[] {
  return Array.isArray(attributes)
}
