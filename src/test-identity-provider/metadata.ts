import { artifactIndex } from './artifact.ts'
import { element } from './canonical-xml.ts'
import { protocolNamespace } from './response.ts'
import { signatureNamespace } from './signature.ts'

/** What the test identity provider says of itself. SAML Metadata 2.3.2, 2.4.3. */

const metadataNamespace = 'urn:oasis:names:tc:SAML:2.0:metadata'
const bindingPrefix = 'urn:oasis:names:tc:SAML:2.0:bindings:'

export interface IdentityProviderMetadataOptions {
  /** Default false. */
  readonly wantAuthnRequestsSigned?: boolean
  /** Further signing certificates, base64 of the DER form: a rollover. */
  readonly furtherCertificates?: readonly string[]
  readonly validUntil?: Date
  /** Offers single logout at `{baseUrl}/slo`. Default false. */
  readonly singleLogout?: boolean
  /** Gives out at `{baseUrl}/artifact` what its artifacts stand for. Default false. */
  readonly artifacts?: boolean
  /** Offers HTTP-Redirect alone. */
  readonly redirectOnly?: boolean
}

/** HTTP-Redirect and HTTP-POST sign-in at `{baseUrl}/sso`. */
export function writeIdentityProviderMetadata(
  provider: { readonly entityId: string; readonly baseUrl: string; readonly certificate: string },
  options: IdentityProviderMetadataOptions = {},
): string {
  const location = `${provider.baseUrl}/sso`
  const certificates = [provider.certificate, ...(options.furtherCertificates ?? [])]
  return element(
    'md:EntityDescriptor',
    {
      'xmlns:md': metadataNamespace,
      entityID: provider.entityId,
      validUntil: options.validUntil?.toISOString(),
    },
    element(
      'md:IDPSSODescriptor',
      {
        WantAuthnRequestsSigned: String(options.wantAuthnRequestsSigned ?? false),
        protocolSupportEnumeration: protocolNamespace,
      },
      ...certificates.map(writeSigningKey),
      options.artifacts ? writeArtifactService(`${provider.baseUrl}/artifact`) : undefined,
      ...(options.singleLogout ? writeLogoutServices(`${provider.baseUrl}/slo`) : []),
      element('md:NameIDFormat', {}, 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent'),
      element('md:SingleSignOnService', { Binding: `${bindingPrefix}HTTP-Redirect`, Location: location }),
      options.redirectOnly
        ? undefined
        : element('md:SingleSignOnService', { Binding: `${bindingPrefix}HTTP-POST`, Location: location }),
    ),
  )
}

function writeArtifactService(location: string): string {
  return element('md:ArtifactResolutionService', {
    Binding: `${bindingPrefix}SOAP`,
    Location: location,
    index: String(artifactIndex),
    isDefault: 'true',
  })
}

function writeLogoutServices(location: string): readonly string[] {
  return ['HTTP-Redirect', 'HTTP-POST'].map((binding) =>
    element('md:SingleLogoutService', { Binding: `${bindingPrefix}${binding}`, Location: location }),
  )
}

function writeSigningKey(certificate: string): string {
  const data = element('ds:X509Data', {}, element('ds:X509Certificate', {}, certificate))
  return element(
    'md:KeyDescriptor',
    { use: 'signing' },
    element('ds:KeyInfo', { 'xmlns:ds': signatureNamespace }, data),
  )
}
