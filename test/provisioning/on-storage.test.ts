import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Pool } from 'pg'
import type { Plan } from '../../src/provisioning/plan.ts'
import { forEachDatabase } from '../support/databases.ts'
import { shownGrants } from './fixtures.ts'
import { openStorageWorld } from './storage-world.ts'

/** What is planned fits what is kept: plans applied to a real database, read again and planned again. */

forEachDatabase((kind, open) => {
  test(`a plan that was applied is the state the next plan begins with (${kind})`, async (t) => {
    await playSignIns((await open(t)).pool)
  })
})

async function playSignIns(pool: Pool): Promise<void> {
  const { directory, organizationId, ...world } = await openStorageWorld(pool, { grantableRoles: ['manager'] })
  async function signIn(...given: Parameters<typeof world.trySignIn>): Promise<Plan> {
    const plan = await world.trySignIn(...given)
    assert.ok(plan !== 'stale')
    return plan
  }
  const find = async (username: string) => {
    const found = await directory.findAccount(organizationId, username)
    assert.ok(found)
    return found
  }

  const jo = { uid: 'jdoe', title: 'Clerk', role: 'manager', groups: ['Sales', 'cn=Ä, b'], constructor: 'x' }
  const first = await signIn({ ...jo, 'account-expiry-time': '2027-01-01T00:00:00.5Z' })
  const created = await find('JDOE')
  assert.deepEqual(created.account.fields, first.after.fields)
  assert.deepEqual(created.account.expiresAt, first.after.expiresAt)
  assert.deepEqual(shownGrants(created.grants), shownGrants(first.after.grants))

  const second = await signIn({ ...jo, groups: ['cn=Ä, b', 'Sales'] })
  assert.equal(second.changes, false)
  assert.deepEqual([second.kind, (await find('jdoe')).account.version], ['update', created.account.version])

  const third = await signIn({ uid: 'jane', title: 'Manager' })
  const renamed = await find('jane')
  assert.equal(renamed.account.id, created.account.id)
  assert.deepEqual(renamed.account.fields, third.after.fields)
  assert.deepEqual(shownGrants(renamed.grants), ['role agent (default-role)'])
  await assert.rejects(signIn({ uid: 'Jane' }, { value: 'another' }), { code: 'account_conflict' })

  const largest = {
    uid: '漢'.repeat(170),
    title: Array.from({ length: 100 }, (_, index) => `${index}`.padEnd(1000, 'x')),
    groups: Array.from({ length: 2000 }, (_, index) => `${index}`.padEnd(index < 20 ? 1024 : 10, 'y')),
  }
  const key = { value: randomBytes(960).toString('hex') }
  await signIn(largest, key)
  assert.equal((await find(largest.uid)).grants.length, 2001)
  assert.equal((await signIn(largest, key)).changes, false)
}
