import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { hashSecret, isSameBrowser, newBrowserSecret } from '../../src/sessions/browser-secret.ts'
import { issueSession } from '../../src/sessions/issue-session.ts'
import { hashToken, sameHash } from '../../src/sessions/token-hash.ts'

const now = new Date('2026-03-01T08:00:00Z')
const limits = { idleSeconds: 1800, absoluteSeconds: 3600 }
const after = (seconds: number) => new Date(now.getTime() + seconds * 1000)
const issue = (sessionNotOnOrAfter?: Date) =>
  issueSession({
    now,
    limits,
    newId: () => 'session-1',
    randomBytes,
    ...(sessionNotOnOrAfter === undefined ? {} : { sessionNotOnOrAfter }),
  })

test('issueSession() gives a token of 32 random bytes, found again by its hash only', () => {
  const session = issue()
  assert.equal(Buffer.from(session.token, 'base64url').length, 32)
  assert.equal(session.tokenHash, createHash('sha256').update(session.token).digest('hex'))
  assert.equal(hashToken(session.token), session.tokenHash)
  assert.equal(session.id, 'session-1')
  assert.notEqual(issue().token, session.token)
})

test('issueSession() ends at the absolute limit, or with the session at the identity provider when that is earlier', () => {
  assert.deepEqual(issue().expiresAt, after(3600))
  assert.deepEqual(issue(after(7200)).expiresAt, after(3600))
  assert.deepEqual(issue(after(60)).expiresAt, after(60))
})

test('issueSession() refuses a session that would end before it begins', () => {
  assert.throws(() => issue(after(0)), { code: 'saml_session_expired' })
  assert.throws(() => issue(after(-30)), { code: 'saml_session_expired' })
})

test('hashToken() has no hash for text that no token of ours can be', () => {
  const { token } = issue()
  for (const text of [
    '',
    token.slice(1),
    `${token}A`,
    `${token.slice(1)}=`,
    `${token.slice(1)}+`,
    `${token}\n`,
    'ä'.repeat(43),
  ]) {
    assert.equal(hashToken(text), undefined, JSON.stringify(text))
  }
})

test('isSameBrowser() knows the browser by its secret, and no browser without one', () => {
  const { secret, hash } = newBrowserSecret(randomBytes)
  assert.equal(hashSecret(secret), hash)
  assert.equal(isSameBrowser(secret, hash), true)
  assert.equal(isSameBrowser(newBrowserSecret(randomBytes).secret, hash), false)
  assert.equal(isSameBrowser(undefined, hash), false)
  assert.equal(sameHash(hash, hash.slice(1)), false)
})
