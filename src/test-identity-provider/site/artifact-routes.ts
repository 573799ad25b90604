import type { FastifyInstance } from 'fastify'
import { LatchkeyError } from '../../errors.ts'
import type { PendingSignIn } from '../answer.ts'
import { newArtifact, readArtifactResolve } from '../artifact.ts'
import { BoundedMap } from '../bounded-map.ts'
import { findServiceProvider, type Site } from './site.ts'

/** Responses that wait to be fetched, each once and by whom it is for. In memory: a restart forgets them. */
export interface ArtifactStore {
  /** Keeps a response and gives the address that leads the browser on with its artifact. SAML Bindings 3.6.3. */
  readonly addressFor: (pending: PendingSignIn, response: string) => string
  readonly take: (artifact: string, serviceProviderEntityId: string) => string | undefined
}

interface Kept {
  readonly entityId: string
  readonly response: string
}

export function createArtifactStore({ provider }: Pick<Site, 'provider'>): ArtifactStore {
  const kept = new BoundedMap<Kept>(1000)
  return {
    addressFor: ({ serviceProvider, relayState }, response) => {
      const artifact = newArtifact(provider.entityId)
      kept.set(artifact, { entityId: serviceProvider.entityId, response })
      const query = new URLSearchParams({
        SAMLart: artifact,
        ...(relayState === undefined ? {} : { RelayState: relayState }),
      })
      return `${serviceProvider.acsUrl}?${query}`
    },
    take: (artifact, entityId) => {
      const found = kept.get(artifact)
      if (found?.entityId !== entityId) return undefined
      kept.delete(artifact)
      return found.response
    },
  }
}

/** `/artifact`, for service providers alone: SOAP in, SOAP out. SAML Bindings 3.2, Core 3.5. */
export function addArtifactRoute(app: FastifyInstance, site: Site, artifacts: ArtifactStore): void {
  app.addContentTypeParser('text/xml', { parseAs: 'string' }, (_request, body, done) => done(null, body))
  app.post('/artifact', (request, reply) => {
    if (typeof request.body !== 'string') throw new LatchkeyError('request_invalid', { wanted: 'text/xml' })
    const received = readArtifactResolve(request.body, (issuer) => findServiceProvider(site, issuer).certificate)
    const message = artifacts.take(received.artifact, received.issuer)
    const answer = site.provider.issueArtifactResponse({ inResponseTo: received.id, message })
    return reply.header('content-type', 'text/xml; charset=utf-8').send(answer)
  })
}
