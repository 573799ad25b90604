import type { FastifyInstance } from 'fastify'
import { describeError } from '../describe-error.ts'
import type { HttpDependencies } from '../http-dependencies.ts'

/** How long the storage may take to say that it is there. */
const storageSeconds = 3

/** `/healthz`: the process runs. `/readyz`: send people here; not while draining, not without the storage. */
export function addHealthRoutes(app: FastifyInstance, deps: HttpDependencies, isDraining: () => boolean): void {
  app.get('/healthz', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    if (isDraining()) return reply.code(503).send({ status: 'draining' })
    const isStorageReady = await answersInTime(deps)
    return reply.code(isStorageReady ? 200 : 503).send({ status: isStorageReady ? 'ok' : 'storage_unavailable' })
  })
}

async function answersInTime({ directory, log }: HttpDependencies): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), storageSeconds * 1000)
  })
  const check = directory.checkStorage().then(
    () => true,
    (error: unknown) => {
      log.warn({ error: describeError(error) }, 'the storage does not answer')
      return false
    },
  )
  try {
    return await Promise.race([check, late])
  } finally {
    clearTimeout(timer)
  }
}
