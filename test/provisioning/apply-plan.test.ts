import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorize } from '../../src/access/authorize.ts'
import type { LoginRequest, SignInAttempt } from '../../src/directory/sign-in.ts'
import { type PlanToApply, signInWrites } from '../../src/provisioning/apply-plan.ts'
import { assertionOf, later, nobody, now, plan } from './fixtures.ts'

const attempt: SignInAttempt = {
  id: 'attempt-1',
  organizationId: 'company-b',
  connectionId: 'company-a',
  at: now,
  outcome: 'accepted',
  trace: [],
}
const loginRequest: LoginRequest = {
  organizationId: 'company-b',
  connectionId: 'company-a',
  id: '_request-1',
  browserHash: 'hash',
  returnTo: 'https://benefits.example/',
  createdAt: now,
  expiresAt: later,
}
const minimal: PlanToApply = {
  plan: authorize(plan(nobody, { uid: 'jdoe' }), undefined),
  assertion: assertionOf({ uid: 'jdoe' }),
  session: { id: 'session-1', tokenHash: 'token-hash', expiresAt: later },
  attempt,
  now,
}

test('signInWrites() puts plan, assertion, session and trace into one write', () => {
  const writes = signInWrites(minimal)
  assert.deepEqual(writes, {
    organizationId: 'company-b',
    connectionId: 'company-a',
    connectionVersion: 3,
    assertion: { id: '_assertion-1', rememberUntil: later },
    account: minimal.plan.writes,
    session: {
      id: 'session-1',
      tokenHash: 'token-hash',
      nameId: '["nameId","p-4711","urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",null,null]',
      sessionIndex: '_session-1',
      expiresAt: later,
    },
    attempt,
    now,
  })
})

test('signInWrites() consumes the request that was answered and opens the hand-off that was asked for', () => {
  const handoff = {
    applicationId: 'benefits',
    browserHash: 'hash',
    codeHash: 'code-hash',
    returnTo: loginRequest.returnTo,
    expiresAt: later,
  }
  const writes = signInWrites({ ...minimal, loginRequest, handoff })
  assert.equal(writes.loginRequestId, '_request-1')
  assert.deepEqual(writes.handoff, handoff)
})
