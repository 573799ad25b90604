import type { ArtifactResolutionEndpoint } from '../metadata/identity-provider-metadata.ts'
import { refusal } from '../refusal.ts'
import type { Artifact } from './read-artifact.ts'

/**
 * The one endpoint that an artifact may be sent to: the one of its index in the identity provider's metadata, never
 * another, not even the default one. Throws `saml_artifact_endpoint_unknown`. SAML Bindings 3.6.4.2.
 */
export function chooseResolutionService<T extends Pick<ArtifactResolutionEndpoint, 'index'>>(
  services: readonly T[],
  { endpointIndex }: Artifact,
): T {
  const service = services.find(({ index }) => index === endpointIndex)
  if (service !== undefined) return service
  throw refusal('saml_artifact_endpoint_unknown', {
    check: 'SAMLart/EndpointIndex',
    wanted: `an ArtifactResolutionService of the metadata: ${services.map(({ index }) => index).join(', ') || 'it has none'}`,
    arrived: String(endpointIndex),
    advice: 'Import metadata of the identity provider that lists the endpoint, with the binding SOAP.',
  })
}
