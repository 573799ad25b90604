import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { allowedReturnTo } from '../../access/return-to.ts'
import { LatchkeyError } from '../../errors.ts'
import { newLogoutRequest } from '../../sessions/logout-request.ts'
import { browserTokenHash } from '../browser-session.ts'
import { clearedSessionCookie } from '../cookies.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { signedOutPage } from '../pages/signed-out.ts'
import { readQuery } from '../parameters.ts'
import { sendPage } from '../send-page.ts'

/**
 * Ends the session here and in every application that hangs on it. GET too, so that an application can link to it: the
 * session's cookie is `SameSite=Lax`, so only a person's own navigation carries it.
 */
export function addLogoutRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  const logout = (request: FastifyRequest, reply: FastifyReply) => answerLogout(request, reply, deps)
  app.get('/logout', { exposeHeadRoute: false }, logout)
  app.post('/logout', logout)
  app.get('/signed-out', async (_request, reply) => sendPage(reply, signedOutPage(deps.publicUrl), deps.publicUrl))
}

async function answerLogout(request: FastifyRequest, reply: FastifyReply, deps: HttpDependencies) {
  const returnTo = readReturnTo(request, deps)
  const tokenHash = browserTokenHash(request.raw)
  if (tokenHash !== undefined) {
    await deps.directory.endSession(tokenHash, newLogoutRequest({ now: deps.now(), randomBytes: deps.randomBytes }))
    deps.metrics.sessionEnded()
  }
  return reply.header('set-cookie', clearedSessionCookie()).redirect(returnTo, 303)
}

function readReturnTo(request: FastifyRequest, { catalog, publicUrl }: HttpDependencies): string {
  const wish = readQuery(request.url).find('return_to')
  if (wish === undefined || wish === '') return `${publicUrl}/signed-out`
  const applicationOrigins = catalog.applications().map(({ settings }) => settings.origin)
  const returnTo = allowedReturnTo(wish, { publicUrl, applicationOrigins })
  if (returnTo !== undefined) return returnTo
  throw new LatchkeyError('return_to_not_allowed', { check: 'return_to', wanted: 'an address of this service' })
}
