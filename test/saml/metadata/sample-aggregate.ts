import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { SignedXml } from 'xml-crypto'
import { writeSelfSignedCertificate } from '../../../src/keys/self-signed-certificate.ts'
import { writeIdentityProviderMetadata } from '../../../src/test-identity-provider/metadata.ts'

/** Aggregates, signed by xml-crypto: so its canonical form is compared with ours. */

export const now = new Date('2026-11-21T08:00:00Z')
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const certificateFor = { privateKey, commonName: 'federation', notBefore: now, notAfter: now, randomBytes }
export const certificate = writeSelfSignedCertificate(certificateFor).toString('base64')

export function entity(name: string): string {
  const origin = `https://${name}.example`
  return writeIdentityProviderMetadata({ entityId: `${origin}/metadata`, baseUrl: origin, certificate })
}

export const serviceProvider =
  '<EntityDescriptor entityID="https://sp.example"><SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"/></EntityDescriptor>'

export function group(inside: string, attributes = ''): string {
  return `<EntitiesDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata"${attributes}>${inside}</EntitiesDescriptor>`
}

export interface SignOptions {
  readonly where?: 'prepend' | 'append'
  readonly inclusivePrefixes?: readonly string[]
}

/** Signs the root, which needs an ID. */
export function sign(xml: string, { where = 'prepend', inclusivePrefixes = [] }: SignOptions = {}): string {
  const signer = new SignedXml({
    privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    signatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
    canonicalizationAlgorithm: 'http://www.w3.org/2001/10/xml-exc-c14n#',
    idAttribute: 'ID',
  })
  signer.addReference({
    xpath: '/*',
    digestAlgorithm: 'http://www.w3.org/2001/04/xmlenc#sha256',
    transforms: ['http://www.w3.org/2000/09/xmldsig#enveloped-signature', 'http://www.w3.org/2001/10/xml-exc-c14n#'],
    inclusiveNamespacesPrefixList: [...inclusivePrefixes],
  })
  signer.computeSignature(xml, { location: { reference: '/*', action: where } })
  return signer.getSignedXml()
}
