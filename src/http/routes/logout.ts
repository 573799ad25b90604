import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { allowedReturnTo } from '../../access/return-to.ts'
import type { LogoutRequest } from '../../directory/logout.ts'
import { LatchkeyError } from '../../errors.ts'
import { isLogoutRequestId, newLogoutRequest } from '../../sessions/logout-request.ts'
import { beginSignOut } from '../../sign-out/begin-sign-out.ts'
import { browserTokenHash } from '../browser-session.ts'
import { clearedSessionCookie } from '../cookies.ts'
import { getConnection } from '../get-connection.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { readQuery } from '../parameters.ts'
import { sendLogoutMessage } from '../send-logout-message.ts'

/**
 * Ends the session here and in every application that hangs on it, then asks the identity provider to do the same. GET
 * too, so that an application can link to it: the session's cookie is `SameSite=Lax`, so only a person's own navigation
 * carries it. `?request=` names a session that an application's gateway has ended already.
 */
export function addLogoutRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  const logout = (request: FastifyRequest, reply: FastifyReply) => answerLogout(request, reply, deps)
  app.get('/logout', { exposeHeadRoute: false }, logout)
  app.post('/logout', logout)
}

async function answerLogout(request: FastifyRequest, reply: FastifyReply, deps: HttpDependencies) {
  const returnTo = readReturnTo(request, deps)
  const ended = (await endOwnSession(request, returnTo, deps)) ?? (await findEnded(request, deps))
  reply.header('set-cookie', clearedSessionCookie())
  const message = ended && (await beginSignOut(ended, deps))
  if (ended !== undefined && message !== undefined) {
    return sendLogoutMessage(reply, message, await getConnection(ended.connectionId, deps), deps)
  }
  const page = `${deps.publicUrl}/signed-out${ended === undefined ? '' : `?request=${ended.id}`}`
  return reply.redirect(returnTo ?? page, 303)
}

async function endOwnSession(
  request: FastifyRequest,
  returnTo: string | undefined,
  deps: HttpDependencies,
): Promise<LogoutRequest | undefined> {
  const tokenHash = browserTokenHash(request.raw)
  if (tokenHash === undefined) return undefined
  const { directory, randomBytes } = deps
  const ended = await directory.endSession(tokenHash, newLogoutRequest({ now: deps.now(), randomBytes }, returnTo))
  if (ended !== undefined) deps.metrics.sessionEnded()
  return ended
}

async function findEnded(request: FastifyRequest, deps: HttpDependencies): Promise<LogoutRequest | undefined> {
  const id = readQuery(request.url).find('request') ?? ''
  return isLogoutRequestId(id) ? deps.directory.findLogoutRequest(id, deps.now()) : undefined
}

function readReturnTo(request: FastifyRequest, { catalog, publicUrl }: HttpDependencies): string | undefined {
  const wish = readQuery(request.url).find('return_to')
  if (wish === undefined || wish === '') return undefined
  const applicationOrigins = catalog.applications().map(({ settings }) => settings.origin)
  const returnTo = allowedReturnTo(wish, { publicUrl, applicationOrigins })
  if (returnTo !== undefined) return returnTo
  throw new LatchkeyError('return_to_not_allowed', { check: 'return_to', wanted: 'an address of this service' })
}
