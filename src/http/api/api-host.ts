import type { IncomingMessage, ServerResponse } from 'node:http'
import { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Administration } from '../../admin/administration.ts'
import { findCommand, runCommand } from '../../admin/commands.ts'
import { replayWhole } from '../../admin/replay-whole.ts'
import type { ApiToken } from '../../directory/api-token.ts'
import { type ErrorCode, errorEntries, isLatchkeyError, LatchkeyError } from '../../errors.ts'
import { describeError } from '../describe-error.ts'
import { fromFramework } from '../from-framework.ts'
import { refuseOtherMethods } from '../refuse-other-methods.ts'
import { contextOf } from '../request-context.ts'
import { securityHeaders } from '../security-headers.ts'
import { actAs } from './act-as.ts'
import type { ApiHostDependencies } from './api-dependencies.ts'
import { authenticate, checkReveal, checkScope } from './authenticate.ts'
import { openApiText } from './openapi.ts'
import { type Operation, operations } from './operations.ts'
import { createPlaces, type Places } from './places.ts'
import { describeProblem, problemHeaders, problemOf } from './problem.ts'
import { readInput } from './read-input.ts'
import { streamReplay } from './stream-replay.ts'

/**
 * `/api/v1`: the commands of `admin/` for programs. It knows tokens, JSON and statuses; what is done and what is refused is decided
 * by the commands. It reads no cookie and sends no CORS header, so no page can make a browser use it. Start reading at
 * `operations.ts`, the table that routes and the OpenAPI document are made from.
 */
export const apiPrefix = '/api/v1'

/** Base64 of the longest response that verification reads, and a draft beside it. */
const maximumBodyBytes = 2 * 1024 * 1024
/** A user name of 1,024 characters, percent-encoded. */
const maximumParameterBytes = 4096
/** At work at once in this process; sign-ins need the rest of it. */
const requestsAtOnce = 8
const replaysAtOnce = 1

export interface ApiHost {
  handle(request: IncomingMessage, response: ServerResponse): void
  close(): Promise<void>
}

export async function createApiHost(deps: ApiHostDependencies): Promise<ApiHost> {
  const app = fastify({
    logger: false,
    bodyLimit: maximumBodyBytes,
    routerOptions: { maxParamLength: maximumParameterBytes },
    exposeHeadRoutes: false,
    frameworkErrors: (error, request, reply) =>
      sendProblem(error, request as FastifyRequest, reply as FastifyReply, deps),
  })
  readJsonOnly(app)
  const headers = securityHeaders(deps.publicUrl)
  app.addHook('onRequest', async (request, reply) => {
    contextOf(request.raw).route = request.routeOptions.url ?? `${apiPrefix}/none`
    reply.headers(headers)
  })
  app.setErrorHandler((error: FastifyError, request, reply) => sendProblem(error, request, reply, deps))
  app.setNotFoundHandler(() => {
    throw new LatchkeyError('not_found')
  })
  refuseOtherMethods(app, () => addRoutes(app, deps))
  await app.ready()
  return { handle: (request, response) => void app.routing(request, response), close: () => app.close() }
}

/** Whether the API answers this target. */
export function isApiTarget(target: string): boolean {
  return target.startsWith('/api/') || /^\/api(?:\?|$)/.test(target)
}

/** The bytes: `read-json.ts` reads them more strictly than the framework. */
function readJsonOnly(app: FastifyInstance): void {
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const [, charset = 'utf-8'] = /;\s*charset="?([^\s";]+)/i.exec(request.headers['content-type'] ?? '') ?? []
    const isPlain = charset.toLowerCase() === 'utf-8' && request.headers['content-encoding'] === undefined
    if (isPlain) done(null, body)
    else done(new LatchkeyError('content_type_unsupported', { check: 'charset', wanted: 'UTF-8, not compressed' }))
  })
}

interface PlacesOfApi {
  readonly requests: Places
  readonly replays: Places
}

function addRoutes(app: FastifyInstance, deps: ApiHostDependencies): void {
  const places = { requests: createPlaces(requestsAtOnce), replays: createPlaces(replaysAtOnce) }
  for (const operation of operations) addOperation(app, operation, places, deps)
  app.get(`${apiPrefix}/openapi.json`, async (_request, reply) => reply.type('application/json').send(openApiText()))
  app.get<{ Params: { readonly code: string } }>(`${apiPrefix}/problems/:code`, async ({ params }, reply) => {
    if (!isErrorCode(params.code)) throw new LatchkeyError('not_found')
    return reply.type('application/json').send(JSON.stringify(describeProblem(params.code)))
  })
}

function isErrorCode(text: string): text is ErrorCode {
  return Object.hasOwn(errorEntries, text)
}

/** Set when the token has been found to be good. */
const tokens = new WeakMap<IncomingMessage, ApiToken>()

function addOperation(
  app: FastifyInstance,
  operation: Operation,
  places: PlacesOfApi,
  deps: ApiHostDependencies,
): void {
  const { method, path, command } = operation
  app.route({
    method,
    url: `${apiPrefix}${path}`,
    // Before the body is read: strangers send nothing.
    onRequest: async ({ raw }) => {
      const token = await authenticate(raw, deps.administration)
      tokens.set(raw, token)
      contextOf(raw).token = token.name
      checkScope(token, operation)
    },
    handler: async (request, reply) => {
      const token = tokens.get(request.raw)
      if (token === undefined) throw new LatchkeyError('api_token_required')
      const input = readInput(request, operation)
      checkReveal(token, operation, input)
      const acting = actAs(token, deps.administration)
      if (command === 'connection.replayWhole') return replay(request, reply, { input, acting, places, deps })
      const leave = places.requests.take()
      try {
        const result = await runCommand(command, input, acting)
        if (findCommand(command).writes) await deps.onWritten()
        return reply.type('application/json').send(JSON.stringify({ result: result ?? null }))
      } finally {
        leave()
      }
    },
  })
}

interface ReplayParts {
  /** The command holds whatever arrived against its schema. */
  readonly input: Readonly<Record<string, unknown>>
  readonly acting: Administration
  readonly places: PlacesOfApi
  readonly deps: ApiHostDependencies
}

async function replay(request: FastifyRequest, reply: FastifyReply, { input, acting, places, deps }: ReplayParts) {
  const leave = places.replays.take()
  try {
    const onFailed = (error: unknown) => toProblem(error, request, deps)
    const stream = await streamReplay(replayWhole(input as never, acting), onFailed)
    stream.once('close', leave)
    return reply.type('application/x-ndjson').send(stream)
  } catch (error) {
    leave()
    throw error
  }
}

function sendProblem(error: unknown, request: FastifyRequest, reply: FastifyReply, deps: ApiHostDependencies) {
  const known = isLatchkeyError(error) ? error : fromFramework(error, request.raw)
  const problem = toProblem(known, request, deps)
  contextOf(request.raw).refused = problem.code
  return reply
    .code(problem.status)
    .headers({ ...securityHeaders(deps.publicUrl), ...problemHeaders(known) })
    .type('application/problem+json')
    .send(`${JSON.stringify(problem)}\n`)
}

function toProblem(error: unknown, { raw }: FastifyRequest, { publicUrl, log }: ApiHostDependencies) {
  const { id, reference, route } = contextOf(raw)
  const problem = problemOf(error, { publicUrl, reference, hasToken: tokens.has(raw) })
  if (problem.status >= 500) log.error({ requestId: id, route, error: describeError(error) }, 'an API request failed')
  return problem
}
