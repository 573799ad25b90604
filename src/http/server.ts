import http, { type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import type { Application } from '../directory/application.ts'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import { describeError } from './describe-error.ts'
import { createDrain, type Drain } from './drain.ts'
import type { HttpDependencies } from './http-dependencies.ts'
import { createOwnHost } from './own-host.ts'
import { type RefusalContext, refuseUpgrade, writeRefusal } from './refusal-response.ts'
import { contextOf, openContext } from './request-context.ts'
import { watchRequest } from './watch-request.ts'

/**
 * One HTTP server for everything. The Host header chooses who answers and is used for nothing else: the host of the
 * public URL is Latchkey's own (`own-host.ts`, the routes in `routes/`), the host of an application belongs to the
 * gateway, every other host hears that nobody is known there. Health and metrics answer on every host but an application's.
 * This folder knows cookies, statuses and pages; it decides nothing about a sign-in. Start reading here.
 */
export interface HttpServer {
  readonly server: Server
  /** Throws `port_in_use`, `configuration_invalid`. Gives the port, which matters when 0 was asked for. */
  listen(): Promise<{ readonly port: number }>
  /** Not ready any more; waits until open requests have finished, at most this long, then closes. */
  drain(seconds: number): Promise<void>
  /** Closes at once. */
  close(): Promise<void>
}

/** Connections that may wait to be taken; the operating system may allow fewer. Beyond them people wait without an answer. */
const waitingConnections = 4096

/** Room for an address to return to of 8 KB, percent-encoded, besides cookies. */
const maximumHeaderBytes = 48 * 1024

export async function createHttpServer(deps: HttpDependencies): Promise<HttpServer> {
  const server = http.createServer({
    maxHeaderSize: maximumHeaderBytes,
    // A client has this long for its headers, and so has this process to read them when everybody comes at once. Bodies have a limit of their own on our host; an upload through the gateway may take long.
    headersTimeout: 60_000,
    requestTimeout: 0,
    connectionsCheckingInterval: 5_000,
    // Longer than the idle timeouts of usual proxies, so that the proxy is the one who closes.
    keepAliveTimeout: 75_000,
  })
  const drain = createDrain(server)
  const ownHost = await createOwnHost(deps, () => drain.hasBegun())
  const own = new URL(deps.publicUrl)
  const answering = { deps, drain, own, ownHost: ownHost.handle }
  server.on('request', (request, response) => void answer(request, response, answering))
  // Who waits for leave to send a body gets it from the application behind the gateway, or at once from our own host.
  server.on('checkContinue', (request, response) => void answer(request, response, answering))
  server.on('upgrade', (request, socket, head) => void upgrade(request, socket, head, { deps, drain, own }))
  return {
    server,
    listen: () => listen(server, deps.listen),
    async drain(seconds) {
      await drain.run(seconds)
      await ownHost.close()
    },
    async close() {
      await drain.run(0)
      await ownHost.close()
    },
  }
}

interface Answering {
  readonly deps: HttpDependencies
  readonly drain: Drain
  /** The public URL. */
  readonly own: URL
  readonly ownHost: (request: IncomingMessage, response: ServerResponse) => void
}

async function answer(request: IncomingMessage, response: ServerResponse, { deps, drain, own, ownHost }: Answering) {
  const context = openContext(request, deps.newId())
  drain.track(response)
  watchRequest(request, response, deps)
  try {
    const place = placeOf(request, own, deps)
    if (place === 'own') {
      if (request.headers.expect !== undefined) response.writeContinue()
      return ownHost(request, response)
    }
    context.applicationId = place.id
    await deps.gateway.handle(request, response, place)
  } catch (error) {
    refuse(request, response, error, deps)
  }
}

/** Who answers. Throws `request_invalid` for a target or Host that can be read in two ways, `host_unknown`. */
function placeOf(
  request: IncomingMessage,
  own: URL,
  { catalog }: Pick<HttpDependencies, 'catalog'>,
): 'own' | Application {
  const target = request.url ?? ''
  if (!target.startsWith('/')) throw new LatchkeyError('request_invalid', { check: 'request target', wanted: 'a path' })
  const host = readHost(request, own)
  if (host === own.host) return 'own'
  const application = host === undefined ? undefined : catalog.applicationByHost(host)
  if (application !== undefined) return application
  if (/^\/(?:healthz|readyz|metrics|\.well-known\/jwks\.json)(?:\?|$)/.test(target)) return 'own'
  throw new LatchkeyError('host_unknown', { check: 'Host' })
}

/** The one Host header in its normal form: lower case, without the port that goes without saying. */
function readHost(request: IncomingMessage, own: URL): string | undefined {
  const hosts = request.headersDistinct.host ?? []
  if (hosts.length > 1) throw new LatchkeyError('request_invalid', { check: 'Host', wanted: 'one', arrived: 'several' })
  const [host] = hosts
  if (host === own.host) return host
  if (host === undefined || !/^[A-Za-z0-9.\-_[\]:]+$/.test(host)) return undefined
  const address = `${own.protocol}//${host}`
  return URL.canParse(address) ? new URL(address).host : undefined
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown, deps: HttpDependencies): void {
  contextOf(request).refused = writeRefusal(response, error, refusalContext(request, error, deps))
}

function refusalContext(request: IncomingMessage, error: unknown, deps: HttpDependencies): RefusalContext {
  const { id, reference } = contextOf(request)
  if (!isLatchkeyError(error)) deps.log.error({ requestId: id, error: describeError(error) }, 'unexpected error')
  return { publicUrl: deps.publicUrl, accept: request.headers.accept, requestReference: reference }
}

async function upgrade(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
  { deps, drain, own }: Omit<Answering, 'ownHost'>,
) {
  const context = openContext(request, deps.newId())
  drain.trackUpgraded(socket)
  socket.on('error', () => socket.destroy())
  try {
    const place = placeOf(request, own, deps)
    if (place === 'own') throw new LatchkeyError('not_found', { check: 'Upgrade' })
    context.applicationId = place.id
    await deps.gateway.upgrade(request, socket, head, place)
  } catch (error) {
    context.refused = refuseUpgrade(socket, error, refusalContext(request, error, deps))
  }
}

async function listen(server: Server, { host, port }: HttpDependencies['listen']): Promise<{ readonly port: number }> {
  await new Promise<void>((resolve, reject) => {
    const refused = (error: Error) => reject(listenError(error, host, port))
    server.once('error', refused)
    server.listen({ host, port, backlog: waitingConnections }, () => {
      server.off('error', refused)
      resolve()
    })
  })
  return { port: (server.address() as AddressInfo).port }
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): LatchkeyError {
  const arrived = `${host}:${port}`
  if (error.code === 'EADDRINUSE') {
    const advice = 'Stop the other program, or choose another port with --listen-port or LATCHKEY_LISTEN_PORT.'
    return new LatchkeyError('port_in_use', { check: 'listen', arrived, at: 'listenPort', advice }, { cause: error })
  }
  const advice = 'Choose another address or port with LATCHKEY_LISTEN_HOST and LATCHKEY_LISTEN_PORT.'
  const at = error.code === 'EACCES' ? 'listenPort' : 'listenHost'
  const wanted = 'an address and a port of this machine that this user may listen on'
  return new LatchkeyError('configuration_invalid', { check: 'listen', wanted, arrived, at, advice }, { cause: error })
}
