import type { FastifyInstance } from 'fastify'
import { assets } from '../assets.ts'

/** The stylesheet and the script of our pages; also loaded by refusals on the hosts of applications. */
export function addAssetRoutes(app: FastifyInstance): void {
  for (const { path, contentType, content } of assets) {
    app.get(path, async (_request, reply) =>
      reply
        .header('cache-control', 'public, max-age=31536000, immutable')
        .header('cross-origin-resource-policy', 'cross-origin')
        .type(contentType)
        .send(content),
    )
  }
}
