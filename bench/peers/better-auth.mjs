import { sso } from '@better-auth/sso'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { toNodeHandler } from 'better-auth/node'
import { Pool } from 'pg'

/** better-auth with its SSO plugin, as its documentation sets it up for SAML begun at the identity provider. */
export async function start({ databaseUrl, publicUrl, identityProvider, serviceProviderMetadata }) {
  const options = {
    baseURL: publicUrl,
    secret: 'a secret of the bench, long enough for anybody',
    database: new Pool({ connectionString: databaseUrl, max: 10 }),
    rateLimit: { enabled: false },
    logger: { level: 'error' },
    telemetry: { enabled: false },
    plugins: [
      sso({
        defaultSSO: [
          {
            providerId: 'company-a',
            domain: 'company-a.example',
            samlConfig: {
              issuer: identityProvider.entityId,
              entryPoint: `${identityProvider.entityId}/sso`,
              callbackUrl: `${publicUrl}/home`,
              idpMetadata: { metadata: identityProvider.metadata },
              spMetadata: { metadata: serviceProviderMetadata },
              wantAssertionsSigned: true,
              identifierFormat: 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
              mapping: {
                id: 'nameID',
                email: 'urn:oid:0.9.2342.19200300.100.1.3',
                firstName: 'urn:oid:2.5.4.42',
                lastName: 'urn:oid:2.5.4.4',
              },
            },
          },
        ],
        saml: { allowIdpInitiated: true, enableInResponseToValidation: false },
      }),
    ],
  }
  const { runMigrations } = await getMigrations(options)
  await runMigrations()
  return { handler: toNodeHandler(betterAuth(options)), path: '/api/auth/sso/saml2/sp/acs/company-a' }
}
