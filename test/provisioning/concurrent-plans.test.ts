import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Account, Grant } from '../../src/directory/account.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { forEachDatabase } from '../support/databases.ts'
import { type Attributes, applied, nobody, plan } from './fixtures.ts'
import { arriving } from './plan-arbitraries.ts'
import { openStorageWorld } from './storage-world.ts'

/** Sign-ins of one person at the same moment, each planning on what it read: they end as if one had come after the other. */

const settings: ConnectionSettingsInput = { grantableRoles: ['manager', 'auditor'] }
const runs = 12

forEachDatabase((kind, open) => {
  test(`demand 9: concurrent plans end in the state of some serial order (${kind})`, async (t) => {
    const { directory, organizationId, signIn } = await openStorageWorld((await open(t)).pool, settings)
    const together = fc.sample(fc.array(arriving, { minLength: 2, maxLength: 3 }), { numRuns: runs, seed: 9 })
    for (const [index, arrived] of together.entries()) {
      // Every person has names of their own: who holds a user name is another test's matter.
      const own = arrived.map((attributes) => ({ ...attributes, uid: `${attributes.uid}-${index}` }))
      const plans = await Promise.all(own.map((attributes) => signIn(attributes, { value: `p-${index}` })))
      assert.equal(new Set(plans.map(({ after }) => after.id)).size, 1)
      const found = await directory.findAccount(organizationId, plans[0]?.after.id ?? '')
      assert.ok(found)
      assert.ok(serialEnds(own).has(shown(found.account, found.grants)), `no serial order ends so: run ${index}`)
    }
  })
})

/** What every order of these sign-ins would leave, one after the other. */
function serialEnds(arrived: readonly Attributes[]): ReadonlySet<string> {
  return new Set(
    ordersOf(arrived).map((order) => {
      const { account, grants } = order.reduce((state, next) => applied(state, plan(state, next, settings)), nobody)
      assert.ok(account)
      return shown(account, grants)
    }),
  )
}

function ordersOf<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length < 2) return [items]
  return items.flatMap((item, at) => ordersOf(items.toSpliced(at, 1)).map((rest) => [item, ...rest]))
}

function shown({ username, fields }: Account, grants: readonly Grant[]): string {
  const values = Object.entries(fields).map(([name, { values }]) => `${name}=${values.join()}`)
  const held = grants.map(({ kind, name, source, rule }) => `${kind} ${name} ${source} ${rule}`)
  return [username, ...values.sort(), ...held.sort()].join('\n')
}
