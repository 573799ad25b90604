import type { FastifyInstance } from 'fastify'
import type { HttpDependencies } from '../http-dependencies.ts'

/** What Prometheus reads. Counts only; nothing in it is about a person or a customer. */
export function addMetricsRoute(
  app: FastifyInstance,
  { metrics: { registry } }: Pick<HttpDependencies, 'metrics'>,
): void {
  app.get('/metrics', async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()))
}
