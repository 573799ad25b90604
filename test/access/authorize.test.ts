import assert from 'node:assert/strict'
import { test } from 'node:test'
import { authorize } from '../../src/access/authorize.ts'
import type { Grant } from '../../src/directory/account.ts'
import { application } from './fixtures.ts'

const grant = (kind: Grant['kind'], name: string): Grant => ({
  kind,
  name,
  source: 'manual',
  rule: 'test',
  since: new Date(0),
})
const plan = (grants: readonly Grant[], connectionId = 'company-a') => ({
  connectionId,
  after: { id: 'account-1', state: 'active' as const, grants },
})

test('authorize() lets a sign-in through that leads to no application', () => {
  const asked = plan([])
  assert.equal(authorize(asked, undefined), asked)
})

test('authorize() lets an account through that some rule of the application admits', () => {
  const mixed = application([
    { path: '/', roles: ['manager'] },
    { path: '/desk', groups: ['Desk'] },
  ])
  assert.ok(authorize(plan([grant('role', 'manager')]), mixed))
  assert.ok(authorize(plan([grant('group', 'Desk')]), mixed))
  assert.ok(authorize(plan([]), application(undefined)))
})

const refusals = {
  'an account of a connection the application does not list': [plan([], 'company-c'), application(undefined)],
  'an account no rule could admit': [plan([grant('role', 'agent')]), application([{ path: '/', roles: ['manager'] }])],
  'a group that has the name of a role': [
    plan([grant('group', 'manager')]),
    application([{ path: '/', roles: ['manager'] }]),
  ],
  'everybody, when the policy is closed': [plan([]), application([{ path: '/', allow: 'nobody' }])],
  'everybody, when the policy is empty': [plan([]), application([])],
} as const
for (const [whom, [asked, destination]] of Object.entries(refusals)) {
  test(`authorize() refuses ${whom}`, () => {
    assert.throws(() => authorize(asked, destination), { code: 'account_not_entitled' })
  })
}

test('authorize() says what was wanted and what the account holds', () => {
  const destination = application([{ path: '/', roles: ['manager'], groups: ['Desk'] }])
  assert.throws(() => authorize(plan([grant('role', 'agent')]), destination), {
    detail: {
      check: 'policy of the application',
      wanted: 'one of roles: manager; groups: Desk',
      arrived: 'roles: agent; groups: none',
      at: 'application:benefits',
      advice: 'Give the person one of these roles or groups, or add a rule that names one they hold.',
    },
  })
})

test('authorize() lets nobody on who waits for approval, wherever the sign-in leads', () => {
  const waiting = { connectionId: 'company-a', after: { id: 'account-1', state: 'pending' as const, grants: [] } }
  assert.throws(() => authorize(waiting, undefined), { code: 'account_pending' })
  assert.throws(() => authorize(waiting, application(undefined)), { code: 'account_pending' })
})
