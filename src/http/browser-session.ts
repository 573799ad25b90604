import type { IncomingMessage } from 'node:http'
import type { SessionHolder } from '../directory/session.ts'
import { hashToken } from '../sessions/token-hash.ts'
import { readCookie, sessionCookieName } from './cookies.ts'
import type { HttpDependencies } from './http-dependencies.ts'

/** The session of Latchkey's own host that the browser holds, if it lives. */
export async function findBrowserSession(
  request: IncomingMessage,
  { directory, now, sessionLimits }: Pick<HttpDependencies, 'directory' | 'now' | 'sessionLimits'>,
): Promise<SessionHolder | undefined> {
  const tokenHash = browserTokenHash(request)
  return tokenHash === undefined ? undefined : directory.findSession(tokenHash, { now: now(), limits: sessionLimits })
}

/** Hash of the token in the cookie; `undefined` without one that could be ours. */
export function browserTokenHash(request: IncomingMessage): string | undefined {
  const token = readCookie(request.headers.cookie, sessionCookieName)
  return token === undefined ? undefined : hashToken(token)
}
