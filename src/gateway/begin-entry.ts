import { LatchkeyError } from '../errors.ts'
import { type BrowserSecret, hashSecret, newBrowserSecret } from '../sessions/browser-secret.ts'
import { hashToken } from '../sessions/token-hash.ts'
import { entryCookie, readCookie, setEntryCookie } from './cookies.ts'
import { isNavigation, originOf, redirect, type Visit } from './visit.ts'

/** Longest address that is kept through a sign-in, in bytes. */
const returnToMaxBytes = 8192

export interface EntryDependencies {
  readonly publicUrl: string
  readonly randomBytes: (length: number) => Buffer
}

/**
 * Sends a person without a session to Latchkey's host, with the address to come back to and the hash of a secret that
 * stays in this browser: only this browser can use the code that comes back.
 *
 * Throws `session_required` for whatever is not a page being opened.
 */
export function beginEntry(visit: Visit, { publicUrl, randomBytes }: EntryDependencies): void {
  if (!isNavigation(visit.request)) throw new LatchkeyError('session_required')
  const browser = presentSecret(visit) ?? newBrowserSecret(randomBytes)
  const query = new URLSearchParams({ return_to: returnTo(visit), browser: browser.hash })
  redirect(visit.response, `${publicUrl}/applications/${visit.application.id}/enter?${query}`, [
    setEntryCookie(browser.secret),
  ])
}

/** Tabs that are opened together share one secret, so that none takes it away from the others. */
function presentSecret({ request }: Visit): BrowserSecret | undefined {
  const secret = readCookie(request.headers.cookie, entryCookie)
  return secret === undefined || hashToken(secret) === undefined ? undefined : { secret, hash: hashSecret(secret) }
}

/** The address asked for; without its query, or the front page, where it is longer than can be kept. */
function returnTo({ request, application }: Visit): string {
  const origin = originOf(application)
  const target = plainTarget(request.url ?? '/')
  const path = target.split('?', 1)[0] ?? '/'
  return [target, path].map((part) => origin + part).find(fitsReturnTo) ?? `${origin}/`
}

/** Signs that a query should not have, and that are sent all the same, in the form that addresses have them. */
function plainTarget(target: string): string {
  return target.replace(/[\\#]/g, encodeURIComponent)
}

function fitsReturnTo(address: string): boolean {
  return Buffer.byteLength(new URL(address).href) <= returnToMaxBytes
}
