import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import type { Pool } from 'pg'
import { uuidv7 } from 'uuidv7'
import { authorize } from '../../src/access/authorize.ts'
import { normalForm } from '../../src/directory/account.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { applyPlan } from '../../src/provisioning/apply-plan.ts'
import { mapSubject } from '../../src/provisioning/map-subject.ts'
import type { Plan } from '../../src/provisioning/plan.ts'
import { planProvisioning } from '../../src/provisioning/plan-provisioning.ts'
import type { NameId } from '../../src/saml/verified-assertion.ts'
import { issueSession } from '../../src/sessions/issue-session.ts'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { forEachDatabase } from '../support/databases.ts'
import { type Attributes, assertionOf, connection, now, roles, shownGrants } from './fixtures.ts'

/** What is planned fits what is kept: plans applied to a real database, read again and planned again. */

const limits = { idleSeconds: 1800, absoluteSeconds: 3600 }
const event = (action: string) => ({ id: uuidv7(), at: now, actor: 'test', action, target: 'test:1', detail: {} })

forEachDatabase((kind, open) => {
  test(`a plan that was applied is the state the next plan begins with (${kind})`, async (t) => {
    await playSignIns((await open(t)).pool)
  })
})

async function playSignIns(pool: Pool): Promise<void> {
  await migrateSchema(pool)
  const directory = createDirectory(pool)
  const settings: ConnectionSettingsInput = { grantableRoles: ['manager'] }
  const here = { ...connection(settings), version: 1 }
  await directory.createOrganization({ id: here.organizationId, name: 'Company B', createdAt: now }, event('o'))
  await directory.createConnection(here, event('c'))
  const born = await directory.listRoles(here.organizationId)
  for (const role of roles.filter(({ name }) => !born.some((known) => known.name === name))) {
    await directory.createRole(role, event('r'))
  }

  async function signIn(attributes: Attributes, nameId: Partial<NameId> = {}): Promise<Plan> {
    const assertion = { ...assertionOf(attributes, nameId), id: `_${uuidv7()}` }
    const subject = mapSubject(assertion, here)
    const { organizationId, id: connectionId } = here
    const names = { subjectKey: subject.subjectKey, usernameKey: normalForm(subject.username) }
    const state = await directory.readSignInState({ organizationId, connectionId, ...names })
    const plan = planProvisioning(state, subject, { connection: here, now, newId: uuidv7 })
    const session = issueSession({ now, limits, newId: uuidv7, randomBytes })
    const attempt = { id: uuidv7(), organizationId, connectionId, at: now, outcome: 'accepted' as const, trace: [] }
    const toApply = { plan: authorize(plan, undefined), assertion, session, attempt, now }
    assert.equal(await applyPlan(toApply, directory), 'applied')
    return plan
  }
  const find = async (username: string) => {
    const found = await directory.findAccount(here.organizationId, username)
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
