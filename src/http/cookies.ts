import { parseCookie, stringifySetCookie } from 'cookie'

/**
 * The two cookies of Latchkey's own host. Both are `__Host-` cookies: only this very host could have set them, on its
 * whole path, over a secure channel. Why they differ in SameSite: docs/decisions/0080-cookies.md.
 */

/** The token of the session. Ends with the browser; the storage says how long it counts. */
export const sessionCookieName = '__Host-latchkey'

/** The secret that ties a sign-in to the browser that began it. The cross-site POST of the response must carry it. */
export const browserCookieName = '__Host-latchkey-browser'

const browserCookieSeconds = 3600

export function readCookie(cookieHeader: string | undefined, name: string): string | undefined {
  return cookieHeader === undefined ? undefined : parseCookie(cookieHeader)[name]
}

export function sessionCookie(token: string): string {
  return stringifySetCookie(sessionCookieName, token, { ...hostOnly, sameSite: 'lax' })
}

export function clearedSessionCookie(): string {
  return stringifySetCookie(sessionCookieName, '', { ...hostOnly, sameSite: 'lax', maxAge: 0 })
}

export function browserCookie(secret: string): string {
  return stringifySetCookie(browserCookieName, secret, { ...hostOnly, sameSite: 'none', maxAge: browserCookieSeconds })
}

const hostOnly = { httpOnly: true, secure: true, path: '/' } as const
