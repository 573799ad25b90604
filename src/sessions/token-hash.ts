import { createHash, timingSafeEqual } from 'node:crypto'

/** 32 random bytes as base64url: the shape of every token, browser secret and hand-off code. */
const secretShape = /^[A-Za-z0-9_-]{43}$/

/** SHA-256 of the text, lower-case hexadecimal: what the storage keeps in place of a secret. */
export function sha256Hex(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** The hash a session is found by. `undefined` for text that no token of ours can be: no hash, no query. */
export function hashToken(token: string): string | undefined {
  return secretShape.test(token) ? sha256Hex(token) : undefined
}

/** Whether two hashes are equal, in time that does not depend on where they differ. */
export function sameHash(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)]
  return left.length === right.length && timingSafeEqual(left, right)
}
