import { generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto'
import type { TrustSettings } from '../src/saml/index.ts'
import {
  createTestIdentityProvider,
  type TestIdentityProvider,
} from '../src/test-identity-provider/identity-provider.ts'
import type { SignedPart } from '../src/test-identity-provider/response.ts'

/** The response that verification is measured on: 10 attributes, one of them with 20 groups, as large products write them. */
export const serviceProvider = { entityId: 'https://benefits.example/metadata', acsUrl: 'https://benefits.example/acs' }
export const requestId = '_request0123456789abcdef'

export function newIdentityProvider(): Promise<TestIdentityProvider> {
  return createTestIdentityProvider({ baseUrl: 'https://idp.example' })
}

export interface DecryptionKey {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export function newDecryptionKey(): DecryptionKey {
  return generateKeyPairSync('rsa', { modulusLength: 2048 })
}

export function trustIn(
  provider: Pick<TestIdentityProvider, 'certificate' | 'entityId'>,
  decryptionKey?: KeyObject,
): TrustSettings {
  const certificate = new X509Certificate(Buffer.from(provider.certificate, 'base64'))
  return {
    identityProviderEntityId: provider.entityId,
    serviceProviderEntityId: serviceProvider.entityId,
    acsUrl: serviceProvider.acsUrl,
    signingKeys: [{ key: certificate.publicKey, fingerprint: certificate.fingerprint256 }],
    ...(decryptionKey && { decryptionKeys: [decryptionKey] }),
  }
}

export interface ResponseShape {
  readonly sign: SignedPart
  /** Default 20; with 0 there is no attribute at all. */
  readonly groups?: number
  /** Encrypts the assertion, after it was signed. */
  readonly encryptFor?: DecryptionKey
}

const names = ['uid', 'cn', 'sn', 'givenName', 'mail', 'title', 'department', 'organization', 'employeeNumber']

/** The form field. Valid for an hour. */
export function issueResponse(provider: TestIdentityProvider, shape: ResponseShape): string {
  const groups = Array.from({ length: shape.groups ?? 20 }, (_unused, index) => groupNamed(index))
  const named = names.map((name) => attribute(name, [`value of ${name}`]))
  const attributes = groups.length === 0 ? [] : [...named, attribute('groups', groups)]
  return provider.issueResponse({
    serviceProvider,
    sign: shape.sign,
    inResponseTo: requestId,
    notOnOrAfter: new Date(Date.now() + 3_600_000),
    person: { nameId: 'f2a7c1d0-3f5e-4b8e-9a2b-6c1d7e8f9a0b', attributes },
    beforeSigning: { assertion: addTypes },
    ...(shape.encryptFor && { encrypt: { publicKey: shape.encryptFor.publicKey } }),
  }).samlResponse
}

function groupNamed(index: number): string {
  return `cn=benefits-group-${index},ou=groups,dc=company,dc=example`
}

function attribute(name: string, values: readonly string[]) {
  const nameFormat = 'urn:oasis:names:tc:SAML:2.0:attrname-format:uri'
  return { name: `urn:example:attribute:${name}`, friendlyName: name, nameFormat, values }
}

/** Values say their type, as those of most products do. */
function addTypes(assertion: string): string {
  const typed = '<saml:AttributeValue xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="xs:string">'
  return assertion.replaceAll('<saml:AttributeValue>', typed)
}
