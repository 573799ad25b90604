import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import type { LatchkeyError } from '../../src/errors.ts'
import { judgeConditions } from '../../src/provisioning/judge-conditions.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, organizationId } from '../support/sign-in-world.ts'
import { type Attributes, connection, subjectOf } from './fixtures.ts'

const overage = { 'http://schemas.microsoft.com/claims/groups.link': 'https://graph.example/' }

const conditions: ConnectionSettingsInput['conditions'] = [
  { name: 'blocked', when: '"blocked" in groups', verdict: 'deny' },
  { name: 'staff', when: '"staff" in groups', verdict: 'allow' },
  {
    name: 'contractors',
    when: 'fields.first("title").matchesPattern("Contract.*")',
    verdict: 'hold',
    message: 'Contractors are approved by the benefits team.',
    contact: 'benefits@b.example',
  },
  { name: 'everybody else', verdict: 'deny', message: 'Only staff.', contact: '+49 30 1234' },
]

function judge(attributes: Attributes, settings: ConnectionSettingsInput = { conditions }): string {
  const verdict = judgeConditions(subjectOf(attributes, settings), connection(settings))
  return verdict.verdict === 'hold' ? `hold by ${verdict.condition.name}` : verdict.verdict
}

test('demand 13: the first condition that holds decides, and without conditions everybody may sign in', () => {
  assert.equal(judge({ groups: 'staff' }), 'allow')
  assert.equal(judge({ title: 'Contractor' }), 'hold by contractors')
  assert.equal(judge({ title: 'Contractor', groups: 'staff' }), 'allow')
  assert.equal(judge({}, {}), 'allow')
  assert.equal(judge({}, { conditions: [{ name: 'a', when: 'username == "x"', verdict: 'deny' }] }), 'allow')
})

test('demand 13: who is denied is told why and whom to ask; the condition is for administrators', () => {
  assert.throws(() => judge({ groups: ['staff', 'blocked'] }), {
    code: 'sign_in_denied',
    detail: { check: 'condition blocked' },
  })
  assert.throws(() => judge({ groups: 'other' }), {
    code: 'sign_in_denied',
    detail: { check: 'condition everybody else', explanation: 'Only staff.', contact: '+49 30 1234' },
  })
})

test('demand 13: conditions read fields, roles, groups, user name and NameID as they were mapped', () => {
  const holds = (when: string, attributes: Attributes = {}) =>
    judge(attributes, { conditions: [{ name: 'c', when, verdict: 'hold' }], groupPrefix: 'a/' }) === 'hold by c'
  assert.equal(holds('"a/vpn" in groups', { groups: 'vpn' }), true)
  assert.equal(holds('roles.exists(r, r == "manager")', { role: 'manager' }), true)
  assert.equal(holds('username == "jo" && nameId == "p-4711"', { uid: 'jo' }), true)
  assert.equal(holds('fields.first("title") == ""'), true)
  assert.equal(holds('groupsKnown', overage), false)
})

test('demand 23: a condition on groups cannot be judged when there were too many to send, and refuses', () => {
  assert.throws(
    () => judge(overage),
    (error: LatchkeyError) => {
      assert.equal(error.code, 'attribute_missing')
      assert.equal(error.detail.check, 'condition blocked')
      assert.match(error.detail.advice ?? '', /only the groups that are assigned/)
      return true
    },
  )
  const known = [{ name: 'c', when: 'groupsKnown && "blocked" in groups', verdict: 'deny' as const }]
  assert.equal(judge(overage, { conditions: known }), 'allow')
})

test('demand 13: a condition that fails over its values refuses and does not pass', () => {
  const failing = [{ name: 'c', when: 'int(fields.first("employeeNumber")) < 100', verdict: 'deny' as const }]
  assert.throws(() => judge({ employeeNumber: 'none' }, { conditions: failing }), { code: 'attribute_invalid' })
  assert.throws(() => judge({ employeeNumber: '7' }, { conditions: failing }), { code: 'sign_in_denied' })
  assert.equal(judge({ employeeNumber: '700' }, { conditions: failing }), 'allow')
})

forEachDatabase((kind, open) => {
  test(`demand 13: nothing but the attempt is written for who is denied, new or known (${kind})`, async (t) => {
    const { pool } = await open(t)
    const world = await createSignInWorld(pool, { allowIdpInitiated: true })
    const signIn = () => completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps)
    const assertDenied = async () => {
      const conditions = [{ name: 'c', verdict: 'deny' as const, message: 'Not today.' }]
      await world.changeSettings({ conditions })
      const before = await world.countRows()
      await assert.rejects(signIn, (error: LatchkeyError) => {
        assert.equal(error.code, 'sign_in_denied')
        assert.equal(error.detail.explanation, 'Not today.')
        return true
      })
      const attempts = (before.sign_in_attempt ?? 0) + 1
      assert.deepEqual(await world.countRows(), { ...before, sign_in_attempt: attempts })
    }
    await assertDenied()
    await world.changeSettings({ conditions: [] })
    await signIn()
    await assertDenied()
  })

  test(`demand 14: who is new and held waits, is told why, and holds no session; who has access keeps it (${kind})`, async (t) => {
    const { pool } = await open(t)
    const conditions = [
      {
        name: 'analysts',
        when: 'fields.first("title") == "Analyst"',
        verdict: 'hold' as const,
        contact: 'hr@b.example',
      },
    ]
    const world = await createSignInWorld(pool, { allowIdpInitiated: true, conditions })
    const signIn = () => completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps)
    const assertWaits = () =>
      assert.rejects(signIn, (error: LatchkeyError) => {
        assert.equal(error.code, 'account_pending')
        assert.equal(error.detail.contact, 'hr@b.example')
        return true
      })
    await assertWaits()
    await assertWaits()
    const [account] = await world.directory.listAccounts(organizationId, { limit: 10 })
    assert.equal(account?.state, 'pending')
    assert.equal((await world.countRows()).session, 0)

    const other = { ...nina, nameId: 'other', attributes: { uid: 'other', title: 'Clerk' } }
    await completeSignIn({ connectionId, samlResponse: world.issue(other) }, world.deps)
    const promoted = { ...other, attributes: { ...other.attributes, title: 'Analyst' } }
    await completeSignIn({ connectionId, samlResponse: world.issue(promoted) }, world.deps)
    assert.equal((await world.countRows()).session, 2)
  })
})
