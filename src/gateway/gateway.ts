import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { readPath } from '../access/read-path.ts'
import type { Application } from '../directory/application.ts'
import type { SessionHolder } from '../directory/session.ts'
import { type ErrorCode, LatchkeyError } from '../errors.ts'
import { hashToken } from '../sessions/token-hash.ts'
import { beginEntry } from './begin-entry.ts'
import { refusalOf } from './check-entitled.ts'
import { readCookie, sessionCookie } from './cookies.ts'
import { forwardRequest } from './forward-request.ts'
import { forwardUpgrade } from './forward-upgrade.ts'
import { defaultTiming, type GatewayDependencies } from './gateway-dependencies.ts'
import { identityOf } from './identity.ts'
import { identityHeaders } from './identity-headers.ts'
import { answerOwnAddress, isOwnAddress } from './own-addresses.ts'
import { NotEntitled, writeGatewayRefusal } from './refuse.ts'
import { answerOnSocket } from './socket-answer.ts'
import { createUpstreams } from './upstream.ts'
import { upstreamRequestHeaders } from './upstream-headers.ts'
import { originOf, type Visit } from './visit.ts'
import { watchOpen } from './watch-open.ts'

/**
 * The point of contact: a reverse proxy in front of applications that have no sign-in of their own. Each request is asked
 * for a session, then the policy, and goes on with a statement of who is coming; nothing about a session is kept here, so
 * that what ends in the directory has ended everywhere.
 *
 * It must not know SAML, nor how an account came to be. Start reading at `handle`; then `begin-entry.ts` and
 * `own-addresses.ts` (in and out), `upstream-headers.ts` and `identity-headers.ts` (what passes), `forward-request.ts`.
 */
export interface Gateway {
  /** Answers a request for this application. Right for `checkContinue` too: 100 is sent when the application asks for the body. */
  handle(request: IncomingMessage, response: ServerResponse, application: Application): void
  /** Answers an upgrade request, which has to be for a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, application: Application): void
  /** Ends open WebSockets and kept connections. */
  close(): Promise<void>
}

export function createGateway(deps: GatewayDependencies): Gateway {
  const timing = { ...defaultTiming, ...deps.timing }
  const upstreams = createUpstreams(timing)
  const webSockets = new Set<Duplex>()

  async function findVisitor({ request, application }: Visit): Promise<SessionHolder | undefined> {
    const tokenHash = hashToken(readCookie(request.headers.cookie, sessionCookie) ?? '')
    if (tokenHash === undefined) return undefined
    const at = { applicationId: application.id, now: deps.now(), limits: deps.sessionLimits }
    return deps.directory.findSession(tokenHash, at)
  }

  /** Everything the application is sent but the body. Throws `NotEntitled`, `header_value_invalid`. */
  async function admit({ request, application }: Visit, visitor: SessionHolder): Promise<readonly string[]> {
    const refusal = refusalOf(request, visitor, application)
    if (refusal !== undefined) throw new NotEntitled(refusal)
    const identity = identityOf(visitor, application)
    const clientAddress = (deps.clientAddress ?? ((peer) => peer.socket.remoteAddress))(request)
    return upstreamRequestHeaders({
      request,
      application,
      identity: identityHeaders(identity, await deps.signIdentity(identity)),
      clientAddress,
    })
  }

  /** Whether a visitor who was let in once may still be there. */
  async function mayStayOpen(visit: Visit): Promise<boolean> {
    const visitor = await findVisitor(visit)
    return visitor !== undefined && refusalOf(visit.request, visitor, visit.application) === undefined
  }

  async function answer(visit: Visit): Promise<void> {
    checkTarget(visit.request)
    if (isOwnAddress(visit.request.url ?? '')) {
      await answerOwnAddress(visit, deps)
      return count(visit, 'entered')
    }
    const visitor = await findVisitor(visit)
    if (visitor === undefined) {
      beginEntry(visit, deps)
      return count(visit, 'entered')
    }
    const headers = await admit(visit, visitor)
    keepWatch(visit, visit.response)
    await forwardRequest({ ...visit, headers, upstreams })
    count(visit, 'forwarded')
  }

  async function answerUpgrade(visit: Visit, answer: ReturnType<typeof answerOnSocket>): Promise<void> {
    checkTarget(visit.request)
    checkWebSocket(visit)
    if (isOwnAddress(visit.request.url ?? '')) throw new LatchkeyError('not_found')
    const visitor = await findVisitor(visit)
    if (visitor === undefined) throw new LatchkeyError('session_required')
    const headers = await admit(visit, visitor)
    keepWatch(visit, answer.socket)
    await forwardUpgrade({ ...visit, answer, headers, upstreams })
    count(visit, 'forwarded')
  }

  function keepWatch(visit: Visit, open: Duplex | ServerResponse): void {
    if (open.destroyed) return
    const stop = watchOpen({
      everySeconds: timing.recheckSeconds,
      mayStayOpen: () => mayStayOpen(visit),
      end: () => void open.destroy(),
    })
    open.once('close', stop)
  }

  function count({ application }: Visit, outcome: 'forwarded' | 'entered' | ErrorCode): void {
    deps.metrics?.countRequest(application.id, outcome)
  }

  function refuse(visit: Visit, error: unknown): void {
    count(visit, writeGatewayRefusal(visit, error, deps))
  }

  return {
    handle(request, response, application) {
      const visit = { request, response, application }
      request.on('error', () => {})
      answer(visit).catch((error: unknown) => refuse(visit, error))
    },
    upgrade(request, socket, head, application) {
      const answer = answerOnSocket(request, socket, head)
      webSockets.add(socket)
      socket.once('close', () => webSockets.delete(socket))
      const visit = { request, response: answer.response, application }
      answerUpgrade(visit, answer).catch((error: unknown) => refuse(visit, error))
    },
    async close() {
      for (const socket of webSockets) socket.destroy()
      upstreams.close()
    },
  }
}

/**
 * Refuses what cannot be passed on with one meaning: targets that are not a path (RFC 9112 3.2), paths that applications
 * would read differently, bodies framed in two ways, methods that reflect headers. Throws `request_invalid`, `method_not_allowed`.
 */
function checkTarget({ method, url, headers }: IncomingMessage): void {
  if (method === 'TRACE' || method === 'CONNECT') throw new LatchkeyError('method_not_allowed', { arrived: method })
  if (readPath(url ?? '') === undefined) throw new LatchkeyError('request_invalid', { check: 'request target' })
  const coding = headers['transfer-encoding']
  if (coding === undefined) return
  if (coding.trim().toLowerCase() !== 'chunked' || headers['content-length'] !== undefined) {
    throw new LatchkeyError('request_invalid', {
      check: 'Transfer-Encoding',
      wanted: 'chunked, alone',
      arrived: coding,
    })
  }
}

/**
 * Browsers send cookies with a WebSocket request from any page of the same site, and ask nobody, so the page's origin has to
 * be the application's own. Programs send none. Throws `request_invalid`, `origin_not_allowed`.
 */
function checkWebSocket({ request, application }: Visit): void {
  const { upgrade, origin } = request.headers
  if (request.method !== 'GET' || upgrade?.toLowerCase() !== 'websocket') {
    throw new LatchkeyError('request_invalid', { check: 'Upgrade', wanted: 'websocket' })
  }
  if (origin !== undefined && origin !== originOf(application)) {
    throw new LatchkeyError('origin_not_allowed', { wanted: originOf(application), arrived: origin })
  }
}
