import { Agent, type ClientRequest, request as httpRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest, Agent as TlsAgent } from 'node:https'
import type { Application } from '../directory/application.ts'
import type { GatewayTiming } from './gateway-dependencies.ts'

/** Connections to applications, kept open between requests. */
export interface Upstreams {
  /** Begins a request; headers go out at once where a body may be long in coming. `upgrade` takes a connection of its own. */
  open(call: UpstreamCall): ClientRequest
  close(): void
}

export interface UpstreamCall {
  readonly application: Application
  readonly request: IncomingMessage
  /** In the flat form of `rawHeaders`. */
  readonly headers: readonly string[]
  readonly upgrade?: boolean
}

export function createUpstreams({ connectSeconds, responseSeconds }: GatewayTiming): Upstreams {
  const options = { keepAlive: true, maxFreeSockets: 64, scheduling: 'lifo' } as const
  const agents = { 'http:': new Agent(options), 'https:': new TlsAgent(options) }

  function open({ application, request, headers, upgrade = false }: UpstreamCall): ClientRequest {
    const { protocol, hostname, port } = new URL(application.settings.upstream)
    const isTls = protocol === 'https:'
    const outgoing = (isTls ? httpsRequest : httpRequest)({
      hostname: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? undefined : port,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      headers: [...headers],
      agent: upgrade ? false : agents[isTls ? 'https:' : 'http:'],
    })
    limitConnecting(outgoing, connectSeconds)
    limitThinking(outgoing, responseSeconds)
    if (hasBody(request)) outgoing.flushHeaders()
    return outgoing
  }

  return {
    open,
    close() {
      for (const agent of Object.values(agents)) agent.destroy()
    },
  }
}

export function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0
}

function limitConnecting(outgoing: ClientRequest, seconds: number): void {
  const timer = setTimeout(() => outgoing.destroy(new Error('the connection did not open in time')), seconds * 1000)
  const stop = () => clearTimeout(timer)
  outgoing.once('close', stop)
  outgoing.once('socket', (socket) => {
    if (socket.connecting) socket.once('connect', stop)
    else stop()
  })
}

function limitThinking(outgoing: ClientRequest, seconds: number): void {
  outgoing.once('finish', () => {
    const timer = setTimeout(() => outgoing.destroy(new Error('no answer in time')), seconds * 1000)
    for (const event of ['response', 'upgrade', 'close']) outgoing.once(event, () => clearTimeout(timer))
  })
}
