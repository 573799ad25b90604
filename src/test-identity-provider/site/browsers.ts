import { randomBytes } from 'node:crypto'
import { parseCookie, stringifySetCookie } from 'cookie'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { ProviderSession } from '../answer.ts'
import { BoundedMap } from '../bounded-map.ts'

/** Which browser is signed in as whom. Kept in memory: a restart signs everybody out. */
export interface Browsers {
  readonly find: (request: FastifyRequest) => ProviderSession | undefined
  readonly signIn: (reply: FastifyReply, personId: string, now: Date) => ProviderSession
  /** Ends the session of this SessionIndex, whoever's browser holds it. */
  readonly endSession: (sessionIndex: string) => ProviderSession | undefined
  readonly signOut: (request: FastifyRequest, reply: FastifyReply) => void
}

const cookieName = 'company_session'

export function createBrowsers(isSecure: boolean): Browsers {
  const sessions = new BoundedMap<ProviderSession>(10_000)
  const tokenBySessionIndex = new BoundedMap<string>(10_000)
  const attributes = { path: '/', httpOnly: true, sameSite: 'lax', secure: isSecure } as const
  const tokenOf = (request: FastifyRequest) => parseCookie(request.headers.cookie ?? '')[cookieName] ?? ''
  return {
    find: (request) => sessions.get(tokenOf(request)),
    signIn: (reply, personId, now) => {
      const token = randomBytes(32).toString('base64url')
      const session = { personId, authnInstant: now, sessionIndex: randomBytes(16).toString('hex'), nameIds: new Map() }
      sessions.set(token, session)
      tokenBySessionIndex.set(session.sessionIndex, token)
      reply.header('set-cookie', stringifySetCookie({ name: cookieName, value: token, ...attributes }))
      return session
    },
    endSession: (sessionIndex) => {
      const token = tokenBySessionIndex.get(sessionIndex) ?? ''
      const session = sessions.get(token)
      sessions.delete(token)
      return session
    },
    signOut: (request, reply) => {
      sessions.delete(tokenOf(request))
      reply.header('set-cookie', stringifySetCookie({ name: cookieName, value: '', maxAge: 0, ...attributes }))
    },
  }
}
