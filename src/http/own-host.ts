import type { IncomingMessage, ServerResponse } from 'node:http'
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import { createApiHost, isApiTarget } from './api/api-host.ts'
import { describeError } from './describe-error.ts'
import { fromFramework } from './from-framework.ts'
import type { HttpDependencies } from './http-dependencies.ts'
import { leadOn } from './lead-on.ts'
import { readParameters, readQuery } from './parameters.ts'
import { type RefusalContext, refusalResponse } from './refusal-response.ts'
import { refuseOtherMethods } from './refuse-other-methods.ts'
import { contextOf } from './request-context.ts'
import { addAccountRoute } from './routes/account.ts'
import { acsPath, addAcsRoute } from './routes/acs.ts'
import { addApprovalRoutes } from './routes/approvals.ts'
import { addAssetRoutes } from './routes/assets.ts'
import { addBreakGlassRoutes } from './routes/break-glass.ts'
import { addConnectionLogoutRoutes, connectionLogoutPath } from './routes/connection-logout.ts'
import { addEnrolPasskeyRoutes } from './routes/enrol-passkey.ts'
import { addEnterRoute } from './routes/enter.ts'
import { addFindRoute } from './routes/find.ts'
import { addHealthRoutes } from './routes/health.ts'
import { addIndexRoute } from './routes/index.ts'
import { addJwksRoute } from './routes/jwks.ts'
import { addLinkRoutes } from './routes/link.ts'
import { addLoginRoute } from './routes/login.ts'
import { addLogoutRoutes } from './routes/logout.ts'
import { addMetadataRoute } from './routes/metadata.ts'
import { addMetricsRoute } from './routes/metrics.ts'
import { addSetUpRoutes } from './routes/set-up.ts'
import { addSignedOutRoute } from './routes/signed-out.ts'
import { addTestSignInRoutes } from './routes/test-sign-in.ts'
import { addWaitingRoutes } from './routes/waiting.ts'
import { securityHeaders } from './security-headers.ts'

/** A response of 256 KiB in base64 and percent-encoded, and a RelayState. */
const maximumBodyBytes = 512 * 1024
/** A client has this long for a whole request to our own host; only small forms come here. */
const bodySeconds = 30

export interface OwnHost {
  handle(request: IncomingMessage, response: ServerResponse): void
  close(): Promise<void>
}

/** Latchkey's own host: what holds for each of its routes, and the list of them. */
export async function createOwnHost(deps: HttpDependencies, isDraining: () => boolean): Promise<OwnHost> {
  const app = fastify({
    logger: false,
    bodyLimit: maximumBodyBytes,
    exposeHeadRoutes: true,
    genReqId: (request) => contextOf(request as IncomingMessage).id,
    frameworkErrors: (error, request, reply) =>
      sendRefusal(error, request as FastifyRequest, reply as FastifyReply, deps),
  })
  readFormsOnly(app)
  const headers = securityHeaders(deps.publicUrl)
  app.addHook('onRequest', async (request, reply) => {
    contextOf(request.raw).route = request.routeOptions.url ?? 'none'
    reply.headers(headers)
  })
  app.setErrorHandler((error: FastifyError, request, reply) => sendRefusal(error, request, reply, deps))
  app.setNotFoundHandler(() => {
    throw new LatchkeyError('not_found')
  })
  refuseOtherMethods(app, () => addRoutes(app, deps, isDraining))
  await app.ready()
  const api = deps.api && (await createApiHost({ ...deps.api, publicUrl: deps.publicUrl, log: deps.log }))
  return {
    handle(request, response) {
      endSlowRequest(request, response)
      if (api !== undefined && isApiTarget(request.url ?? '')) api.handle(request, response)
      else app.routing(request, response)
    },
    async close() {
      await Promise.all([app.close(), api?.close()])
    },
  }
}

function addRoutes(app: FastifyInstance, deps: HttpDependencies, isDraining: () => boolean): void {
  addIndexRoute(app, deps)
  addFindRoute(app, deps)
  addLoginRoute(app, deps)
  addAcsRoute(app, deps)
  addSetUpRoutes(app, deps)
  addTestSignInRoutes(app, deps)
  addMetadataRoute(app, deps)
  addEnterRoute(app, deps)
  addAccountRoute(app, deps)
  addApprovalRoutes(app, deps)
  addBreakGlassRoutes(app, deps)
  addEnrolPasskeyRoutes(app, deps)
  addLinkRoutes(app, deps)
  addWaitingRoutes(app, deps)
  addLogoutRoutes(app, deps)
  addConnectionLogoutRoutes(app, deps)
  addSignedOutRoute(app, deps)
  addJwksRoute(app, deps)
  addAssetRoutes(app)
  addHealthRoutes(app, deps, isDraining)
  addMetricsRoute(app, deps)
}

/** Bodies are forms, handed to the route as text; anything else is `content_type_unsupported`. */
function readFormsOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_request, body, done) =>
    done(null, body),
  )
}

function endSlowRequest(request: IncomingMessage, response: ServerResponse): void {
  const timer = setTimeout(() => {
    if (!request.complete) request.destroy()
  }, bodySeconds * 1000)
  response.once('close', () => clearTimeout(timer))
}

function sendRefusal(error: unknown, request: FastifyRequest, reply: FastifyReply, deps: HttpDependencies) {
  const context = contextOf(request.raw)
  const known = isLatchkeyError(error) ? error : fromFramework(error, request.raw)
  if (!isLatchkeyError(known)) {
    deps.log.error({ requestId: context.id, route: context.route, error: describeError(known) }, 'unexpected error')
  }
  const onward = leadOn(known, request, deps)
  if (onward !== undefined) {
    context.refused = onward.refused
    if (onward.setCookie !== undefined) reply.header('set-cookie', onward.setCookie)
    return reply.redirect(onward.location, 303)
  }
  const refusal = refusalResponse(known, {
    publicUrl: deps.publicUrl,
    accept: request.headers.accept,
    requestReference: context.reference,
    ...refusalOfRoute(request, deps.publicUrl, known),
    ...(isLatchkeyError(known, 'sign_in_queue_full') && postAgain(request, deps.publicUrl)),
  })
  context.refused = refusal.code
  return reply.code(refusal.status).headers(refusal.headers).send(refusal.body)
}

/** A response, or its artifact, that was turned away unread can be posted again as it is. */
function postAgain({ body, routeOptions, url }: FastifyRequest, publicUrl: string): Pick<RefusalContext, 'again'> {
  if (routeOptions.url !== acsPath) return {}
  const arrived = typeof body === 'string' ? readParameters(body) : readQuery(url)
  const fields = ['SAMLResponse', 'SAMLart', 'RelayState'].flatMap((name) => {
    const value = arrived.find(name)
    return value === undefined ? [] : [[name, value] as const]
  })
  return { again: { action: `${publicUrl}${url.split('?', 1)[0]}`, fields: Object.fromEntries(fields) } }
}

/** A person who was refused at a connection begins again at that connection; whoever wanted to leave is not led in. */
function refusalOfRoute(
  request: FastifyRequest,
  publicUrl: string,
  refused: unknown,
): { readonly tryAgainUrl?: string; readonly heading?: string } {
  if (request.routeOptions.url === connectionLogoutPath) {
    return { heading: 'Signing out did not work everywhere', tryAgainUrl: `${publicUrl}/logout` }
  }
  if (request.routeOptions.url === '/break-glass') return { tryAgainUrl: `${publicUrl}/break-glass` }
  const { connection } = (request.params ?? {}) as { readonly connection?: string }
  if (connection === undefined) return {}
  const returnTo = isLatchkeyError(refused) ? refused.detail.returnTo : undefined
  const query = returnTo === undefined ? '' : `?return_to=${encodeURIComponent(returnTo)}`
  return { tryAgainUrl: `${publicUrl}/sso/${encodeURIComponent(connection)}/login${query}` }
}
