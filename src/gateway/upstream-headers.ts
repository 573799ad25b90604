import type { IncomingMessage } from 'node:http'
import type { Application } from '../directory/application.ts'
import { isOwnCookie, withoutOwnCookies } from './cookies.ts'
import { isControlledHeader } from './identity-headers.ts'

/**
 * What of a request's headers goes to the application, and what of the answer's goes to the browser. Both are lists as
 * `rawHeaders` has them, so that repeated headers and their spelling survive.
 */

/** For one connection only: RFC 9110 7.6.1. */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
])

/** Written anew below, from what was understood and not from what was sent. */
const writtenAnew = new Set(['host', 'content-length', 'cookie'])

export interface UpstreamRequest {
  readonly request: IncomingMessage
  readonly application: Application
  /** Names and values of `identityHeaders`. */
  readonly identity: readonly string[]
  readonly clientAddress: string | undefined
}

export function upstreamRequestHeaders({ request, application, identity, clientAddress }: UpstreamRequest): string[] {
  const origin = new URL(application.settings.origin)
  const headers = ['Host', origin.host]
  const nominated = nominatedHeaders(request.headers.connection)
  for (const [name, value] of pairs(request.rawHeaders)) {
    const lower = name.toLowerCase()
    if (hopByHop.has(lower) || writtenAnew.has(lower) || nominated.has(lower) || isControlledHeader(name)) continue
    headers.push(name, value)
  }
  const cookies = withoutOwnCookies(request.headers.cookie ?? '')
  if (cookies !== undefined) headers.push('Cookie', cookies)
  return [...headers, ...framing(request), ...forwarding(origin, clientAddress), ...identity]
}

/** How long the body is, as the parser understood it: either chunked or of a stated length. */
function framing({ headers, method = 'GET' }: IncomingMessage): string[] {
  if (headers['transfer-encoding'] !== undefined) return ['Transfer-Encoding', 'chunked']
  if (headers['content-length'] !== undefined) return ['Content-Length', headers['content-length']]
  return bodylessMethods.has(method) ? [] : ['Content-Length', '0']
}

const bodylessMethods = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS'])

/** Where the request came from and which address it was for: de facto names, and RFC 7239. */
function forwarding(origin: URL, clientAddress: string | undefined): string[] {
  const proto = origin.protocol.slice(0, -1)
  const address = clientAddress?.replace(/^::ffff:(?=\d+\.)/i, '')
  const node = address?.includes(':') ? `"[${address}]"` : (address ?? 'unknown')
  return [
    ...(address === undefined ? [] : ['X-Forwarded-For', address]),
    'X-Forwarded-Host',
    origin.host,
    'X-Forwarded-Proto',
    proto,
    'Forwarded',
    `for=${node};host="${origin.host}";proto=${proto}`,
  ]
}

/** The application's headers without what is for one connection only, and without cookies of our names. */
export function browserResponseHeaders(answer: IncomingMessage, application: Application): string[] {
  const nominated = nominatedHeaders(answer.headers.connection)
  const headers: string[] = []
  for (const [name, value] of pairs(answer.rawHeaders)) {
    const lower = name.toLowerCase()
    if (hopByHop.has(lower) || nominated.has(lower)) continue
    if (lower === 'set-cookie' && isOwnCookie(value)) continue
    headers.push(name, lower === 'location' ? outwardAddress(value, application) : value)
  }
  return headers
}

/** A redirect to the application's inner address leads to its outer one. */
function outwardAddress(location: string, { settings }: Application): string {
  const inner = new URL(settings.upstream).origin
  const rest = location.startsWith(inner) ? location.slice(inner.length) : undefined
  return rest !== undefined && /^(?:$|[/?#])/.test(rest) ? new URL(settings.origin).origin + rest : location
}

/** Header names that `Connection` declares to be for this connection only. */
function nominatedHeaders(connection: string | undefined): ReadonlySet<string> {
  return new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()))
}

function* pairs(raw: readonly string[]): Generator<readonly [string, string]> {
  for (let index = 0; index + 1 < raw.length; index += 2) yield [raw[index] ?? '', raw[index + 1] ?? '']
}
