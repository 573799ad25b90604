import assert from 'node:assert/strict'
import type { ErrorCode } from '../../../src/errors.ts'
import { statusOf } from '../../../src/http/status-of.ts'
import type { Answer } from './serve.ts'

/** A refusal page of this code: its status, the code and a reference on it, and the headers of every answer. */
export function assertRefused(answer: Answer, code: ErrorCode): void {
  assert.equal(answer.status, statusOf[code], `${code}: ${answer.text}`)
  assert.match(answer.text, new RegExp(`<code>${code}</code>`))
  assert.match(answer.text, /<dt>Reference<\/dt><dd><code>[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}<\/code>/)
  assert.deepEqual(answer.setCookies, [])
  assertSafe(answer)
}

/** What every answer of our own host carries. */
export function assertSafe({ headers }: Answer): void {
  const policy = String(headers['content-security-policy'])
  assert.match(policy, /^default-src 'none'; .*frame-ancestors 'none'$/)
  assert.doesNotMatch(policy, /unsafe|\*/)
  assert.equal(headers['referrer-policy'], 'no-referrer')
  assert.equal(headers['x-content-type-options'], 'nosniff')
  assert.equal(headers['x-frame-options'], 'DENY')
  assert.equal(headers['strict-transport-security'], 'max-age=31536000')
  assert.equal(headers['cache-control'], 'no-store')
  assert.equal(headers['x-powered-by'], undefined)
}

/** The query of the address an answer redirects to. */
export function redirectOf(answer: Answer): URL {
  assert.equal(answer.status, 303, answer.text)
  assertSafe(answer)
  return new URL(answer.headers.location ?? '')
}
