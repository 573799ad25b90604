import { createHash } from 'node:crypto'

/** Tokens of the API: 32 random bytes as base64url, behind a prefix that people and scanners of leaked secrets recognise. */
const prefix = 'latchkey_'
const shape = /^latchkey_[A-Za-z0-9_-]{43}$/

export interface IssuedApiToken {
  /** To be shown once. */
  readonly token: string
  /** SHA-256, lower-case hexadecimal: what is kept. A slow hash would add nothing to 256 random bits. */
  readonly hash: string
}

export function issueApiToken(randomBytes: (size: number) => Buffer): IssuedApiToken {
  const token = `${prefix}${randomBytes(32).toString('base64url')}`
  return { token, hash: sha256(token) }
}

/** The hash a token is found by. `undefined` for text that no token of ours can be: no hash, no query. */
export function hashApiToken(text: string): string | undefined {
  return shape.test(text) ? sha256(text) : undefined
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
