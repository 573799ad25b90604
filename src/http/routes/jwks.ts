import type { FastifyInstance } from 'fastify'
import type { HttpDependencies } from '../http-dependencies.ts'

/** The public keys that applications check `X-Latchkey-Assertion` with. RFC 7517. */
export function addJwksRoute(app: FastifyInstance, { keys }: Pick<HttpDependencies, 'keys'>): void {
  app.get('/.well-known/jwks.json', async (_request, reply) =>
    reply
      .header('cache-control', 'public, max-age=300')
      .header('cross-origin-resource-policy', 'cross-origin')
      .type('application/jwk-set+json')
      .send(JSON.stringify(keys.jwt.publicJwks)),
  )
}
