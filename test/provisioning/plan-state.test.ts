import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AccountState } from '../../src/directory/account.ts'
import type { SignInState } from '../../src/directory/sign-in.ts'
import { planProvisioning } from '../../src/provisioning/plan-provisioning.ts'
import { applied, connection, countingIds, nobody, now, plan, subjectOf } from './fixtures.ts'

/** Who waits, who is let in, who is not brought back. */

const jo = { uid: 'jdoe', title: 'Clerk' }
const known = applied(nobody, plan(nobody, jo))
const inDays = (days: number) => new Date(now.getTime() + days * 86_400_000)

function knownAs(state: AccountState, rest: Partial<NonNullable<SignInState['account']>> = {}): SignInState {
  assert.ok(known.account)
  return { ...known, account: { ...known.account, state, ...rest } }
}
const actionsOf = (made: ReturnType<typeof plan>) => made.writes.auditEvents.map(({ action }) => action)

test('demand 14: a new account waits where the connection says so, with all it would be', () => {
  const made = plan(nobody, jo, { newAccounts: 'pending', approvalDays: 3 })
  assert.deepEqual([made.kind, made.after.state, made.writes.state], ['create', 'pending', 'pending'])
  assert.deepEqual(made.writes.approvalExpiresAt, inDays(3))
  assert.deepEqual(made.after.fields.title?.values, ['Clerk'])
  assert.deepEqual(actionsOf(made), ['account.created', 'account.approval_requested', 'role.granted'])
})

test('demand 14: a condition makes a new account wait too', () => {
  const context = { connection: connection(), now, newId: countingIds(), mustWait: true }
  assert.equal(planProvisioning(nobody, subjectOf(jo), context).after.state, 'pending')
  assert.equal(planProvisioning(known, subjectOf(jo), context).after.state, 'active')
})

test('demand 14: an account that has access is never made to wait', () => {
  const made = plan(known, jo, { newAccounts: 'pending' })
  assert.deepEqual([made.after.state, made.changes, made.writes.state], ['active', false, undefined])
})

test('demand 14: who waits keeps waiting, and the request is renewed only when it has lapsed', () => {
  const waiting = plan(knownAs('pending', { approvalExpiresAt: inDays(1) }), jo)
  assert.deepEqual(
    [waiting.after.state, waiting.changes, waiting.writes.approvalExpiresAt],
    ['pending', false, undefined],
  )
  const lapsed = plan(knownAs('pending', { approvalExpiresAt: now }), jo)
  assert.deepEqual([lapsed.after.state, lapsed.writes.approvalExpiresAt], ['pending', inDays(14)])
  assert.deepEqual(actionsOf(lapsed), ['account.approval_requested'])
})

test('demand 15: a sign-in gives access back only to a deactivated account, and only where the connection says so', () => {
  const made = plan(knownAs('deactivated'), jo, { reinstateDeactivated: true })
  assert.deepEqual([made.after.state, made.writes.state, actionsOf(made)], ['active', 'active', ['account.reinstated']])
  assert.throws(() => plan(knownAs('deactivated'), jo), { code: 'account_deactivated' })
  assert.throws(() => plan(knownAs('suspended'), jo, { reinstateDeactivated: true }), { code: 'account_suspended' })
})

const seats = (taken: number, limit: number): Partial<SignInState> => ({ seats: { taken, limit } })
test('seat limit: no place is left for a new account', () => {
  assert.throws(() => plan({ ...nobody, ...seats(2, 2) }, jo), { code: 'seat_limit_reached' })
  const back = { ...knownAs('deactivated'), ...seats(2, 2) }
  assert.throws(() => plan(back, jo, { reinstateDeactivated: true }), { code: 'seat_limit_reached' })
  assert.throws(() => plan(back, jo), { code: 'account_deactivated' })
})

test('seat limit: the last place is given, and who has one or waits needs none', () => {
  assert.equal(plan({ ...nobody, ...seats(1, 2) }, jo).writes.takesSeat, true)
  assert.equal(plan({ ...known, ...seats(2, 2) }, jo).writes.takesSeat, undefined)
  assert.equal(plan({ ...nobody, ...seats(2, 2) }, jo, { newAccounts: 'pending' }).writes.takesSeat, undefined)
  assert.equal(plan(nobody, jo).writes.takesSeat, undefined)
  assert.equal(plan(knownAs('deactivated'), jo, { reinstateDeactivated: true }).writes.takesSeat, true)
})
