import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import type { UpdatePolicy } from '../../src/directory/mapping-settings.ts'
import { applied, nobody, now, plan, valuesOf } from './fixtures.ts'

/** Demand 4 of the field: a policy per field that really holds, in all that a field can be. */

const policies: readonly UpdatePolicy[] = ['onCreate', 'everySignIn', 'ifEmpty', 'never']
const known = applied(nobody, plan(nobody, { uid: 'jdoe', title: 'Clerk' }))

interface Expected {
  readonly created: boolean
  readonly changed: boolean
  readonly filled: boolean
}
const expected: Readonly<Record<UpdatePolicy, Expected>> = {
  onCreate: { created: true, changed: false, filled: false },
  everySignIn: { created: true, changed: true, filled: true },
  ifEmpty: { created: true, changed: false, filled: true },
  never: { created: false, changed: false, filled: false },
}

for (const policy of policies) {
  const ways: Readonly<Record<string, ConnectionSettingsInput>> = {
    'for the connection': { fieldUpdates: policy },
    'for the field': {
      fieldUpdates: policy === 'never' ? 'everySignIn' : 'never',
      attributeMapping: {
        title: { attributes: ['title'], update: policy },
        department: { attributes: ['department'], update: policy },
      },
    },
  }
  for (const [where, settings] of Object.entries(ways)) {
    const { created, changed, filled } = expected[policy]
    test(`demand 4: ${policy} ${where}: a new account ${created ? 'gets' : 'does not get'} the value`, () => {
      const made = plan(nobody, { uid: 'jdoe', title: 'Clerk' }, settings)
      assert.deepEqual(valuesOf(made.after.fields).title, created ? ['Clerk'] : undefined)
      assert.equal('title' in made.writes.fields, created)
    })

    test(`demand 4: ${policy} ${where}: another value ${changed ? 'replaces' : 'leaves'} what stands`, () => {
      const made = plan(known, { uid: 'jdoe', title: 'Chief' }, settings)
      assert.deepEqual(valuesOf(made.after.fields).title, [changed ? 'Chief' : 'Clerk'])
      assert.equal('title' in made.writes.fields, changed)
    })

    test(`demand 4: ${policy} ${where}: a known account's empty field is ${filled ? 'filled' : 'left empty'}`, () => {
      const made = plan(known, { uid: 'jdoe', department: 'Sales' }, settings)
      assert.deepEqual(valuesOf(made.after.fields).department, filled ? ['Sales'] : undefined)
      assert.equal('department' in made.writes.fields, filled)
    })
  }
}

test('demand 4: what was not written is said, with the policy', () => {
  const made = plan(known, { uid: 'jdoe', title: 'Chief' }, { fieldUpdates: 'onCreate' })
  assert.equal(made.changes, false)
  assert.deepEqual(made.notes, [
    { subject: 'field', value: 'title', reason: 'not written: its update policy is onCreate' },
  ])
})

test('demand 4: no policy overwrites what somebody else wrote', () => {
  const title = { values: ['Head'], source: 'manual', rule: 'test', since: now } as const
  assert.ok(known.account)
  const state = { ...known, account: { ...known.account, fields: { ...known.account.fields, title } } }
  for (const policy of policies) {
    const made = plan(state, { uid: 'jdoe', title: 'Chief' }, { fieldUpdates: policy })
    assert.deepEqual(made.after.fields.title, title)
    assert.deepEqual(made.writes.fields, {})
  }
})
