import type { FastifyInstance } from 'fastify'
import { writeServiceProviderMetadata } from '../../saml/metadata/write-service-provider-metadata.ts'
import { describeServiceProvider } from '../../sign-in/describe-service-provider.ts'
import { getConnection } from '../get-connection.ts'
import type { HttpDependencies } from '../http-dependencies.ts'

interface MetadataRoute {
  readonly Params: { readonly connection: string }
  readonly Querystring: { readonly signed?: unknown }
}

/** Signed metadata that somebody kept must not count for ever; what was imported as a file without signature may. */
const signedForMs = 14 * 86_400_000

/**
 * What an identity provider is configured with; also for a connection that is switched off. `?signed=1` signs it with the
 * key that signs our requests. SAML Metadata 4.1.1, 3.1.
 */
export function addMetadataRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.get<MetadataRoute>('/sso/:connection/metadata', async (request, reply) => {
    const connection = await getConnection(request.params.connection, deps)
    const [signingCertificate, ...furtherSigningCertificates] = deps.keys.samlSigning.certificates
    const metadata = writeServiceProviderMetadata({
      ...describeServiceProvider(connection, deps.publicUrl),
      signingCertificate,
      furtherSigningCertificates,
      encryptionCertificate: deps.keys.samlEncryption.certificateBase64,
      ...(request.query.signed === '1' ? signing(deps) : {}),
    })
    return reply.type('application/samlmetadata+xml; charset=utf-8').send(metadata)
  })
}

function signing({ keys, now, randomBytes }: HttpDependencies) {
  return {
    validUntil: new Date(now().getTime() + signedForMs),
    sign: { id: `_${randomBytes(16).toString('hex')}`, signing: { key: keys.samlSigning.privateKey } },
  }
}
