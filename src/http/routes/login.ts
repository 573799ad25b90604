import type { FastifyInstance } from 'fastify'
import { answerWithSignIn } from '../answer-sign-in.ts'
import { getConnection } from '../get-connection.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { readQuery } from '../parameters.ts'

interface LoginRoute {
  readonly Params: { readonly connection: string }
}

/** Begins a sign-in over one connection: `?return_to=` says where it leads afterwards. */
export function addLoginRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.get<LoginRoute>('/sso/:connection/login', { exposeHeadRoute: false }, async (request, reply) => {
    const returnTo = readQuery(request.url).find('return_to')
    const connection = await getConnection(request.params.connection, deps)
    return answerWithSignIn(request, reply, { connection, ...(returnTo !== undefined && { returnTo }) }, deps)
  })
}
