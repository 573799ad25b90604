import type { FastifyRequest } from 'fastify'
import { type ErrorCode, isLatchkeyError, type LatchkeyError } from '../errors.ts'
import { hashSecret, newBrowserSecret } from '../sessions/browser-secret.ts'
import { readBrowserSecret } from './answer-sign-in.ts'
import { browserCookie } from './cookies.ts'
import type { HttpDependencies } from './http-dependencies.ts'
import { prefersHtml } from './refusal-response.ts'
import { linkPath } from './routes/link.ts'
import { waitingPath } from './routes/waiting.ts'

/** The page after a refusal, and the cookie of the browser that may see it, where it has none yet. */
export interface Onward {
  readonly refused: ErrorCode
  readonly location: string
  readonly setCookie?: string
}

type Dependencies = Pick<HttpDependencies, 'publicUrl' | 'waitingRoom' | 'randomBytes'>

/** A refusal after which a person can do something at once: the page where they do it. Programs get the refusal itself. */
export function leadOn(refusal: unknown, request: FastifyRequest, deps: Dependencies): Onward | undefined {
  if (!isLatchkeyError(refusal) || !prefersHtml(request.headers.accept)) return undefined
  const { linkRequest } = refusal.detail
  if (linkRequest !== undefined) {
    return { refused: refusal.code, location: `${deps.publicUrl}${linkPath}?request=${linkRequest}` }
  }
  return refusal.code === 'account_pending' ? leadToWaitingRoom(refusal, request, deps) : undefined
}

/** Whoever was verified in this browser just now; it may have come from the identity provider without our cookie. */
function leadToWaitingRoom(
  { code, detail }: LatchkeyError,
  request: FastifyRequest,
  { publicUrl, waitingRoom, randomBytes }: Dependencies,
): Onward | undefined {
  const { connection } = (request.params ?? {}) as { readonly connection?: string }
  const { account, reference = '', explanation, contact } = detail
  if (connection === undefined || account === undefined) return undefined
  const known = readBrowserSecret(request.headers.cookie)
  const secret = known ?? newBrowserSecret(randomBytes).secret
  const pass = waitingRoom.admit({
    connection,
    account,
    browserHash: hashSecret(secret),
    reference,
    explanation,
    contact,
  })
  const location = `${publicUrl}${waitingPath}?request=${pass}`
  return { refused: code, location, setCookie: browserCookie(secret) }
}
