import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { allowedReturnTo } from '../../access/return-to.ts'
import type { Application } from '../../directory/application.ts'
import type { Connection } from '../../directory/connection.ts'
import { organizationOfLocal } from '../../directory/local-administrator.ts'
import type { SessionHolder } from '../../directory/session.ts'
import { LatchkeyError } from '../../errors.ts'
import { issueHandoff } from '../../sign-in/issue-handoff.ts'
import { answerWithSignIn } from '../answer-sign-in.ts'
import { findBrowserSession } from '../browser-session.ts'
import { getConnection } from '../get-connection.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { chooseConnectionPage } from '../pages/choose-connection.ts'
import { findConnectionPage } from '../pages/find-connection.ts'
import { type Parameters, readQuery } from '../parameters.ts'
import { anyFormTarget } from '../security-headers.ts'
import { sendPage } from '../send-page.ts'

interface EnterRoute {
  readonly Params: { readonly application: string }
}

/** What an application's gateway asks for: this browser, on its way to this address, needs a session there. */
export interface Entry {
  readonly application: Application
  /** On the application's origin. */
  readonly returnTo: string
  /** SHA-256 (hex) of the secret in the cookie of the application's origin. */
  readonly browserHash: string
}

/**
 * The way into an application from its own host name. With a live session that may go there: a one-time code at once.
 * Without: a sign-in over the application's connection, or the question which one.
 */
export function addEnterRoute(app: FastifyInstance, deps: HttpDependencies): void {
  app.get<EnterRoute>('/applications/:application/enter', { exposeHeadRoute: false }, async (request, reply) => {
    const query = readQuery(request.url)
    const entry = readEntry(request.params.application, query, deps)
    const holder = await findBrowserSession(request.raw, deps)
    const ways = entry.application.settings.connections
    if (holder !== undefined && ways.includes(holder.session.connectionId)) return handOff(reply, entry, holder, deps)
    const connections = ways.filter((id) => organizationOfLocal(id) === undefined)
    const chosen = query.find('connection') ?? (connections.length === 1 ? connections[0] : undefined)
    if (chosen === undefined) return askForConnection(reply, entry, deps)
    if (!connections.includes(chosen))
      throw new LatchkeyError('connection_not_found', { check: 'parameter connection' })
    return beginAt(request, reply, { entry, connection: await getConnection(chosen, deps) }, deps)
  })
}

/** Throws `application_not_found`, `request_invalid`, `return_to_not_allowed`. */
export function readEntry(applicationId: string, parameters: Parameters, deps: HttpDependencies): Entry {
  const application = deps.catalog.application(applicationId)
  if (application === undefined) throw new LatchkeyError('application_not_found', { check: 'application' })
  const browserHash = parameters.get('browser')
  if (!/^[0-9a-f]{64}$/.test(browserHash)) {
    throw new LatchkeyError('request_invalid', { check: 'parameter browser', wanted: '64 hexadecimal digits' })
  }
  return { application, browserHash, returnTo: readReturnTo(application, parameters.find('return_to')) }
}

function readReturnTo(application: Application, wish: string | undefined): string {
  const { origin } = new URL(application.settings.origin)
  const returnTo = allowedReturnTo(wish ?? '/', { publicUrl: origin, applicationOrigins: [] })
  if (returnTo !== undefined) return returnTo
  throw new LatchkeyError('return_to_not_allowed', { check: 'return_to', wanted: 'an address of the application' })
}

/** The address that leads to `entry`, over a connection when one was chosen. */
export function entryUrl(
  { application, returnTo, browserHash }: Entry,
  publicUrl: string,
  connectionId?: string,
): string {
  const query = new URLSearchParams({ return_to: returnTo, browser: browserHash })
  if (connectionId !== undefined) query.set('connection', connectionId)
  return `${publicUrl}/applications/${application.id}/enter?${query}`
}

async function handOff(reply: FastifyReply, entry: Entry, { session }: SessionHolder, deps: HttpDependencies) {
  const { application, returnTo, browserHash } = entry
  const binding = { applicationId: application.id, browserHash }
  const wayIn = issueHandoff(
    { returnTo, application, handoff: binding },
    { now: deps.now(), randomBytes: deps.randomBytes },
  )
  if (wayIn.handoff === undefined) throw new LatchkeyError('handoff_invalid', { check: 'application' })
  await deps.directory.createHandoff({
    ...wayIn.handoff,
    organizationId: session.organizationId,
    sessionId: session.id,
  })
  return reply.redirect(wayIn.redirectTo, 303)
}

function beginAt(
  request: FastifyRequest,
  reply: FastifyReply,
  { entry, connection }: { readonly entry: Entry; readonly connection: Connection },
  deps: HttpDependencies,
) {
  const handoff = { applicationId: entry.application.id, browserHash: entry.browserHash }
  return answerWithSignIn(request, reply, { connection, returnTo: entry.returnTo, handoff }, deps)
}

/** One organization's connections are listed; of several organizations nothing is told. */
async function askForConnection(reply: FastifyReply, entry: Entry, deps: HttpDependencies) {
  const { application, returnTo, browserHash } = entry
  const listed = await Promise.all(application.settings.connections.map((id) => deps.catalog.connection(id)))
  const usable = listed.filter((connection) => connection?.settings.samlEnabled === true)
  const organizations = new Set(usable.map((connection) => connection?.organizationId))
  const choices = usable.flatMap((connection) =>
    connection === undefined ? [] : [{ name: connection.name, url: entryUrl(entry, deps.publicUrl, connection.id) }],
  )
  if (organizations.size === 1) return sendPage(reply, chooseConnectionPage(choices, application.name), deps.publicUrl)
  const page = findConnectionPage({
    publicUrl: deps.publicUrl,
    application: { id: application.id, name: application.name, returnTo, browserHash },
  })
  return sendPage(reply, page, deps.publicUrl, { formAction: anyFormTarget(deps.publicUrl) })
}
