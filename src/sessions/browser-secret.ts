import { sameHash, sha256Hex } from './token-hash.ts'

/**
 * A browser secret ties what was begun in a browser (a login request, a hand-off) to that browser: the random value lies
 * in its cookie, only the hash in our storage.
 */
export interface BrowserSecret {
  /** 43 characters of base64url, for the cookie. */
  readonly secret: string
  readonly hash: string
}

/** A new secret of 32 random bytes. Also right for any other one-time code. */
export function newBrowserSecret(randomBytes: (length: number) => Buffer): BrowserSecret {
  const secret = randomBytes(32).toString('base64url')
  return { secret, hash: hashSecret(secret) }
}

/** SHA-256 of the secret, lower-case hexadecimal. */
export function hashSecret(secret: string): string {
  return sha256Hex(secret)
}

/** Whether the browser that sends `secret` is the one that `hash` was kept for; false when it sends none. */
export function isSameBrowser(secret: string | undefined, hash: string): boolean {
  return secret !== undefined && sameHash(hashSecret(secret), hash)
}
