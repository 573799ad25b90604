import { X509Certificate } from 'node:crypto'
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

export function trustIn(provider: TestIdentityProvider): TrustSettings {
  const certificate = new X509Certificate(Buffer.from(provider.certificate, 'base64'))
  return {
    identityProviderEntityId: provider.entityId,
    serviceProviderEntityId: serviceProvider.entityId,
    acsUrl: serviceProvider.acsUrl,
    signingKeys: [{ key: certificate.publicKey, fingerprint: certificate.fingerprint256 }],
  }
}

const names = ['uid', 'cn', 'sn', 'givenName', 'mail', 'title', 'department', 'organization', 'employeeNumber']
const groups = Array.from(
  { length: 20 },
  (_unused, index) => `cn=benefits-group-${index},ou=groups,dc=company,dc=example`,
)

export function issueResponse(provider: TestIdentityProvider, sign: SignedPart): string {
  const attributes = [...names.map((name) => attribute(name, [`value of ${name}`])), attribute('groups', groups)]
  return provider.issueResponse({
    serviceProvider,
    sign,
    inResponseTo: requestId,
    person: { nameId: 'f2a7c1d0-3f5e-4b8e-9a2b-6c1d7e8f9a0b', attributes },
    beforeSigning: { assertion: addTypes },
  }).samlResponse
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
