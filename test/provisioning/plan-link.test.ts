import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LinkCandidate, SignInState } from '../../src/directory/sign-in.ts'
import { planProvisioning } from '../../src/provisioning/plan-provisioning.ts'
import { connection, later, nobody, now, roles, source, subjectOf } from './fixtures.ts'

/** Somebody unknown has the user name of an account: what may be proved, and what an administrator decides. */

const account = {
  organizationId: 'company-b',
  id: '0195a0f0-0000-7000-8000-000000000001',
  username: 'jo',
  state: 'active',
  fields: {},
  createdAt: now,
  updatedAt: now,
  version: 1,
} as const
const candidate: LinkCandidate = { account, grants: [], domains: [], connections: ['company-a', 'old'] }

const administrator = roles.find(({ kind }) => kind === 'administration')?.name ?? 'administrator'
const privileged = { kind: 'role', name: administrator, source, rule: 'cli', since: now } as const

function refusalOf(changed: Partial<LinkCandidate>, linkRequestId?: string) {
  const state: SignInState = {
    ...nobody,
    usernameHolder: { accountId: account.id },
    linkCandidate: { ...candidate, ...changed },
    roles: [...roles, { organizationId: 'company-b', name: administrator, description: '', kind: 'administration' }],
  }
  const settings = { linking: 'proof' } as const
  const context = { connection: connection(settings), now, newId: () => 'id', linkRequestId }
  try {
    planProvisioning(state, subjectOf({ uid: 'jo' }, settings), context)
  } catch (refusal) {
    return refusal as { code: string; detail: { arrived?: string; linkRequest?: string; subjectKey?: string } }
  }
  return assert.fail('linked without a proof')
}

test('demand 6: an active account that is known over another connection may be proved', () => {
  const asked = refusalOf({}, 'kept')
  assert.deepEqual([asked.code, asked.detail.linkRequest], ['account_link_proof_required', 'kept'])
  const previewed = refusalOf({ account: { ...account, expiresAt: later } })
  assert.deepEqual([previewed.code, previewed.detail.linkRequest], ['account_link_proof_required', undefined])
  assert.equal(typeof previewed.detail.subjectKey, 'string')
})

const left: readonly (readonly [name: string, changed: Partial<LinkCandidate>, arrived: string])[] = [
  ['administers', { grants: [privileged] }, 'an account that administers'],
  ['is suspended', { account: { ...account, state: 'suspended' } }, 'an account that is suspended'],
  ['waits', { account: { ...account, state: 'pending' } }, 'an account that is pending'],
  ['ended', { account: { ...account, expiresAt: now } }, 'an account that has expired'],
  ['is known nowhere else', { connections: ['company-a'] }, 'an account that is known over no other connection'],
]

for (const [name, changed, arrived] of left) {
  test(`demand 6: an account that ${name} is left to an administrator`, () => {
    const { code, detail } = refusalOf(changed)
    assert.deepEqual([code, detail.arrived], ['account_link_pending', arrived])
  })
}
