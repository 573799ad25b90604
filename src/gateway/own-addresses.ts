import { readPath } from '../access/read-path.ts'
import type { LogoutDirectory, SessionDirectory } from '../directory/directory.ts'
import { LatchkeyError } from '../errors.ts'
import { newLogoutRequest } from '../sessions/logout-request.ts'
import { hashToken } from '../sessions/token-hash.ts'
import { clearSessionCookie, entryCookie, readCookie, sessionCookie, setSessionCookie } from './cookies.ts'
import { originOf, redirect, type Visit } from './visit.ts'

/**
 * The two addresses of ours on an application's origin. Everything under `/.latchkey/`, however it is written, is ours
 * and never reaches the application.
 */

export interface OwnAddressDependencies {
  readonly directory: SessionDirectory & LogoutDirectory
  readonly publicUrl: string
  readonly now: () => Date
  /** UUID version 7. */
  readonly newId: () => string
  readonly randomBytes: (length: number) => Buffer
}

/** `target` in origin form, as `readPath` takes it. */
export function isOwnAddress(target: string): boolean {
  const path = readPath(target)?.folded
  return path === '/.latchkey' || path?.startsWith('/.latchkey/') === true
}

/** Throws `not_found`, `method_not_allowed`, `handoff_invalid`. */
export async function answerOwnAddress(visit: Visit, deps: OwnAddressDependencies): Promise<void> {
  const { pathname, searchParams } = new URL(visit.request.url ?? '/', originOf(visit.application))
  if (pathname === '/.latchkey/enter') {
    checkMethod(visit, ['GET'])
    return redeemEntry(visit, searchParams.get('code') ?? '', deps)
  }
  if (pathname === '/.latchkey/logout') {
    checkMethod(visit, ['GET', 'POST'])
    return endOwnSession(visit, deps)
  }
  throw new LatchkeyError('not_found')
}

function checkMethod({ request }: Visit, methods: readonly string[]): void {
  if (!methods.includes(request.method ?? '')) {
    throw new LatchkeyError('method_not_allowed', { wanted: methods.join(', ') })
  }
}

/** The way in: the one-time code and this browser's secret open the application's own session. */
async function redeemEntry(visit: Visit, code: string, deps: OwnAddressDependencies): Promise<void> {
  const codeHash = hashToken(code)
  const browserHash = hashToken(readCookie(visit.request.headers.cookie, entryCookie) ?? '')
  if (codeHash === undefined || browserHash === undefined) throw new LatchkeyError('handoff_invalid')
  const token = deps.randomBytes(32).toString('base64url')
  const tokenHash = hashToken(token)
  if (tokenHash === undefined) throw new LatchkeyError('internal')
  const entered = await deps.directory.redeemHandoff({
    codeHash,
    applicationId: visit.application.id,
    browserHash,
    session: { id: deps.newId(), tokenHash },
    now: deps.now(),
  })
  if (entered === undefined) throw new LatchkeyError('handoff_invalid')
  redirect(visit.response, addressInside(visit, entered.returnTo), [setSessionCookie(token)])
}

/** Throws `handoff_invalid` for an address elsewhere; one of our own leads to the front page. */
function addressInside({ application }: Visit, returnTo: string): string {
  const origin = originOf(application)
  const address = URL.canParse(returnTo) ? new URL(returnTo) : undefined
  if (address?.origin !== origin) throw new LatchkeyError('handoff_invalid', { check: 'return_to' })
  return isOwnAddress(address.pathname) ? `${origin}/` : address.href
}

/**
 * The way out: ends the session and all of the same sign-in, then lets Latchkey's host sign out too, which knows by the
 * kept request which session at the identity provider is to end.
 */
async function endOwnSession(visit: Visit, deps: OwnAddressDependencies): Promise<void> {
  const { directory, publicUrl, randomBytes } = deps
  const tokenHash = hashToken(readCookie(visit.request.headers.cookie, sessionCookie) ?? '')
  const request = newLogoutRequest({ now: deps.now(), randomBytes })
  const ended = tokenHash === undefined ? undefined : await directory.endSession(tokenHash, request)
  const query = ended === undefined ? '' : `?request=${ended.id}`
  redirect(visit.response, `${publicUrl}/logout${query}`, [clearSessionCookie()])
}
