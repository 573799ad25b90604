import type { FastifyInstance } from 'fastify'
import { LatchkeyError } from '../errors.ts'

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const

/** Adds the routes; every method that a path does not answer is refused with `method_not_allowed` and the list of those it does. */
export function refuseOtherMethods(app: FastifyInstance, addRoutes: () => void): void {
  const answered = new Map<string, Set<string>>()
  let isCollecting = true
  app.addHook('onRoute', ({ url, method }) => {
    if (!isCollecting) return
    const known = answered.get(url) ?? new Set()
    for (const one of [method].flat()) known.add(one)
    answered.set(url, known)
  })
  addRoutes()
  isCollecting = false
  for (const [url, known] of answered) refuseOthers(app, url, known)
}

function refuseOthers(app: FastifyInstance, url: string, known: ReadonlySet<string>): void {
  const allow = [...known].sort().join(', ')
  app.route({
    url,
    method: methods.filter((method) => !known.has(method)),
    // Before the body is read: what type it has does not matter any more.
    onRequest: async (_request, reply) => {
      reply.header('allow', allow)
      throw new LatchkeyError('method_not_allowed', { check: 'method', wanted: allow })
    },
    handler: async () => undefined,
  })
}
