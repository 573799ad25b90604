/**
 * Where a browser may be sent after a sign-in or a sign-out: to Latchkey's own origin or to an application's, and nowhere
 * else. The same rule judges `return_to`, where a bad address is refused, and the RelayState of a sign-in begun at the
 * identity provider, where it is ignored.
 */

/** Longest address that survives a sign-in, in bytes of UTF-8, as written and in its normal form. */
export const returnToMaxBytes = 8192

export interface ReturnToOrigins {
  /** Latchkey's own origin; a path is taken to be on it. */
  readonly publicUrl: string
  readonly applicationOrigins: readonly string[]
}

/** The absolute address in its normal form, or `undefined` when it may not be returned to. */
export function allowedReturnTo(text: string, origins: ReturnToOrigins): string | undefined {
  if (!isPlainAddress(text)) return undefined
  const own = new URL(origins.publicUrl).origin
  const address = text.startsWith('/') ? parse(text, own) : parse(text)
  if (address === undefined || address.username !== '' || address.password !== '') return undefined
  if (Buffer.byteLength(address.href) > returnToMaxBytes) return undefined
  return address.origin === own || isListed(address.origin, origins.applicationOrigins) ? address.href : undefined
}

/** Neither empty nor too long, and free of what browsers and libraries read differently: `//host`, `\`, space, controls, `@` before the path. */
function isPlainAddress(text: string): boolean {
  if (text === '' || Buffer.byteLength(text) > returnToMaxBytes) return false
  if (/[\u0000-\u0020\u007f-\u009f\u2028\u2029\\\p{Surrogate}]/u.test(text)) return false
  if (text.startsWith('/')) return !text.startsWith('//')
  return /^https?:\/\/[^/?#@]+(?:[/?#]|$)/i.test(text)
}

/** As written first, because parsing many costs more than all the rest. */
function isListed(wanted: string, origins: readonly string[]): boolean {
  return origins.includes(wanted) || origins.some((origin) => new URL(origin).origin === wanted)
}

function parse(text: string, base?: string): URL | undefined {
  return URL.canParse(text, base) ? new URL(text, base) : undefined
}
