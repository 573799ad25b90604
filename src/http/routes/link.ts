import type { FastifyInstance, FastifyRequest } from 'fastify'
import { allowedReturnTo } from '../../access/return-to.ts'
import type { Connection } from '../../directory/connection.ts'
import type { LinkRequest } from '../../directory/link-request.ts'
import { LatchkeyError } from '../../errors.ts'
import { hashSecret } from '../../sessions/browser-secret.ts'
import type { SignInStart } from '../../sign-in/begin-sign-in.ts'
import { answerWithSignIn, readBrowserSecret } from '../answer-sign-in.ts'
import type { HttpDependencies } from '../http-dependencies.ts'
import { linkPage } from '../pages/link.ts'
import { readParameters, readQuery } from '../parameters.ts'
import { anyFormTarget } from '../security-headers.ts'
import { sendPage } from '../send-page.ts'

export const linkPath = '/link'

interface LinkRoute {
  readonly Body: string | undefined
}

/**
 * Where somebody whose identity is new shows that an account is theirs: by signing in over a connection by which it is known.
 * Only the browser that came with the identity is shown anything; a link request is used up when it has been proved.
 */
export function addLinkRoutes(app: FastifyInstance, deps: HttpDependencies): void {
  app.get(linkPath, { exposeHeadRoute: false }, async (request, reply) => {
    const { connection, ways, id } = await findWays(request, deps)
    const page = linkPage({ publicUrl: deps.publicUrl, id, connectionName: connection.name, ways })
    // Signing in may lead on to any identity provider.
    return sendPage(reply, page, deps.publicUrl, { formAction: anyFormTarget(deps.publicUrl) })
  })
  app.post<LinkRoute>(linkPath, async (request, reply) => {
    const wish = readParameters(request.body ?? '').get('connection')
    const { pending, ways } = await findWays(request, deps)
    const over = ways.find(({ id }) => id === wish)
    if (over === undefined) throw new LatchkeyError('connection_disabled', { check: 'connection of the account' })
    return answerWithSignIn(request, reply, startOf(pending, over, deps), deps)
  })
}

/** What is pending in this browser, and the connections over which it can be proved. Throws `link_request_unknown`. */
async function findWays(request: FastifyRequest, { directory, catalog, now }: HttpDependencies) {
  const id = readQuery(request.url).get('request')
  const secret = readBrowserSecret(request.headers.cookie)
  if (secret === undefined) throw unknown('the cookie of the browser that began it')
  const found = await directory.findLinkRequest({ id, browserHash: hashSecret(secret) }, now())
  if (found === undefined) throw unknown('one that waits for its proof in this browser')
  const connection = await catalog.connection(found.request.connectionId)
  if (connection?.settings.linking !== 'proof') throw unknown('a connection that links by proof')
  const known = await Promise.all(found.connections.map((known) => catalog.connection(known)))
  const ways = known.filter((way) => way?.settings.samlEnabled === true) as readonly Connection[]
  return { id, pending: found.request, connection, ways }
}

/** Signing in anew: a session that somebody left open at the identity provider proves nothing. SAML Core 3.4.1. */
function startOf(pending: LinkRequest, over: Connection, deps: HttpDependencies): Omit<SignInStart, 'browserSecret'> {
  const { id, connectionId, subjectKey, accountId, attemptId } = pending
  const linkProof = { id, connectionId, subjectKey, accountId, attemptId }
  return { connection: over, forceAuthn: true, linkProof, ...destinationOf(pending, over, deps) }
}

/** Where the refused sign-in would have led, if this way leads there too; else to the account page. */
function destinationOf(
  { returnTo, handoff }: LinkRequest,
  over: Connection,
  { catalog, publicUrl }: HttpDependencies,
): Pick<SignInStart, 'returnTo' | 'handoff'> {
  const open = catalog.applications().filter(({ settings }) => settings.connections.includes(over.id))
  const places = { publicUrl, applicationOrigins: open.map(({ settings }) => settings.origin) }
  if (allowedReturnTo(returnTo, places) === undefined) return {}
  return { returnTo, ...(handoff === undefined ? {} : { handoff }) }
}

function unknown(wanted: string): LatchkeyError {
  return new LatchkeyError('link_request_unknown', { check: 'link request', wanted })
}
