import type { FastifyInstance } from 'fastify'
import { AggregatorRegistry, type Registry } from 'prom-client'
import type { HttpDependencies } from '../http-dependencies.ts'

type Counted = Pick<HttpDependencies, 'metrics' | 'otherProcesses'>

/** What Prometheus reads: of all processes that share the port. Counts only; nothing in it is about a person or a customer. */
export function addMetricsRoute(app: FastifyInstance, counted: Counted): void {
  app.get('/metrics', async (_request, reply) => {
    const registry = await registryOf(counted)
    return reply.type(registry.contentType).send(await registry.metrics())
  })
}

/** Every process labels what it counts, so that nothing is added up: the lines only come together. */
async function registryOf({ metrics, otherProcesses }: Counted): Promise<Registry> {
  if (otherProcesses === undefined) return metrics.registry
  return AggregatorRegistry.aggregate([...(await otherProcesses.gatherMetrics())])
}
