/**
 * Our cookies on an application's origin. `__Host-` keeps them from being set by, or sent to, any other host. The
 * application itself never sees them and cannot set them.
 */
export const sessionCookie = '__Host-latchkey'
/** Ties the way through a sign-in to the browser that set out on it. */
export const entryCookie = '__Host-latchkey-entry'

/** A sign-in that takes longer begins anew. */
const entryCookieSeconds = 15 * 60

/** The first value of that name in a Cookie header. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const pair of (header ?? '').split(';')) {
    if (nameOf(pair) === name) return pair.slice(pair.indexOf('=') + 1).trim()
  }
  return undefined
}

/** The Cookie header without our cookies; `undefined` when nothing else is left. */
export function withoutOwnCookies(header: string): string | undefined {
  const kept = header.split(';').filter((pair) => !isOwnCookie(pair) && pair.trim() !== '')
  return kept.length > 0 ? kept.join(';').trim() : undefined
}

/**
 * Whether a pair of a Cookie header, or a whole Set-Cookie header, is about a cookie of ours. A nameless cookie
 * (`=__Host-latchkey=x`) is sent back by browsers without its first sign, so that sign is not looked at.
 */
export function isOwnCookie(cookie: string): boolean {
  return /^[\s=]*__host-latchkey/i.test(cookie)
}

export function setSessionCookie(token: string): string {
  return `${sessionCookie}=${token}; Path=/; HttpOnly; Secure; SameSite=Lax`
}

export function clearSessionCookie(): string {
  return `${sessionCookie}=; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=0`
}

export function setEntryCookie(secret: string): string {
  return `${entryCookie}=${secret}; Path=/; HttpOnly; Secure; SameSite=Lax; Max-Age=${entryCookieSeconds}`
}

function nameOf(pair: string): string {
  const end = pair.indexOf('=')
  return (end < 0 ? pair : pair.slice(0, end)).trim()
}
