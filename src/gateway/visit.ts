import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Application } from '../directory/application.ts'

/** One request to one application, and where its answer goes. A WebSocket request has a response too, until it is switched. */
export interface Visit {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly application: Application
}

/** Exact origin under which people open the application. */
export function originOf({ settings }: Application): string {
  return new URL(settings.origin).origin
}

/** A page that a person opens, as against what a page fetches: a redirect to a sign-in makes sense only for the former. */
export function isNavigation({ method, headers }: IncomingMessage): boolean {
  if (method !== 'GET' && method !== 'HEAD') return false
  const mode = headers['sec-fetch-mode']
  if (mode !== undefined) return mode === 'navigate'
  return /\btext\/html\b/i.test(headers.accept ?? '')
}

/** A short answer of our own that no cache keeps and whose address is told to nobody. */
export function redirect(response: ServerResponse, location: string, cookies: readonly string[]): void {
  response.writeHead(303, {
    location,
    'set-cookie': [...cookies],
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
    'content-length': '0',
  })
  response.end()
}
