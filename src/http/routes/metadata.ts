import type { FastifyInstance } from 'fastify'
import { serviceAddresses } from '../../directory/service-addresses.ts'
import { writeServiceProviderMetadata } from '../../saml/metadata/write-service-provider-metadata.ts'
import { getConnection } from '../get-connection.ts'
import type { HttpDependencies } from '../http-dependencies.ts'

interface MetadataRoute {
  readonly Params: { readonly connection: string }
}

/** What an identity provider is configured with; also for a connection that is switched off. SAML Metadata 4.1.1. */
export function addMetadataRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.get<MetadataRoute>('/sso/:connection/metadata', async (request, reply) => {
    const connection = await getConnection(request.params.connection, deps)
    const { settings, identityProvider } = connection
    const { entityId, acsUrl, logoutUrl } = serviceAddresses(connection, deps.publicUrl)
    const metadata = writeServiceProviderMetadata({
      entityId,
      acsUrl,
      logoutUrl,
      signingCertificate: deps.keys.samlSigning.certificateBase64,
      encryptionCertificate: deps.keys.samlEncryption.certificateBase64,
      authnRequestsSigned: settings.signAuthnRequests ?? identityProvider.wantAuthnRequestsSigned,
      wantAssertionsSigned: settings.wantAssertionsSigned,
      nameIdFormats: settings.nameIdFormat === undefined ? [] : [settings.nameIdFormat],
    })
    return reply.type('application/samlmetadata+xml; charset=utf-8').send(metadata)
  })
}
