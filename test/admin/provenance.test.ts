import assert from 'node:assert/strict'
import { test } from 'node:test'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, organizationId } from '../support/sign-in-world.ts'

const otto = { nameId: 'otto-1', attributes: { uid: 'otto', role: ['manager'], groups: ['staff'] } }

forEachDatabase((kind, open) => {
  test(`account why names source, rule, date, sign-in and assertion of a role, a group and a field (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const samlResponse = world.issue(nina, { assertionId: '_assertion-1' })
    await completeSignIn({ connectionId, samlResponse }, world.deps)
    // The same again at another sign-in: the first one is still the reason.
    await completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps)
    const before = await office.contents()
    for (const [what, of, rule] of [
      ['employee', 'role', 'assertion-role'],
      ['staff', 'group', 'assertion-group'],
      ['title', 'field', 'title'],
    ] as const) {
      const { reasons } = await office.run('account.why', { account: 'nina', what })
      const [reason] = reasons
      assert.equal(reasons.length, 1)
      assert.deepEqual([reason?.kind, reason?.source, reason?.rule], [of, 'connection:company-a', rule])
      assert.equal(reason?.attempt?.assertion, '_assertion-1')
      assert.equal(reason?.attempt?.at, reason?.since)
      assert.deepEqual(reason?.alsoFrom, [])
    }
    assert.deepEqual((await office.run('account.why', { account: 'nina', what: 'billing-admin' })).reasons, [])
    await assert.rejects(office.run('account.why', { account: 'nobody', what: 'x' }), { code: 'account_not_found' })
    assert.equal(await office.contents(), before)
  })

  test(`connection impact counts what would go with a connection or a rule, and keeps what another source gives (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    for (const person of [nina, otto]) {
      await completeSignIn({ connectionId, samlResponse: world.issue(person) }, world.deps)
    }
    const held = await world.directory.findAccount(organizationId, 'otto')
    await world.pool.query(
      `insert into grant_set (organization_id, account_id, kind, source, held)
       values ($1, $2, 'role', 'manual', '{"manager": ["by hand", "2026-03-01T12:00:00Z"]}')`,
      [organizationId, held?.account.id],
    )
    const before = await office.contents()
    const impact = await office.run('connection.impact', { id: connectionId })
    assert.deepEqual(impact.accounts, { reached: 2, onlyHere: 2 })
    assert.deepEqual(
      impact.grants.map((grant) => `${grant.kind} ${grant.name}: ${grant.accounts}, lost ${grant.lost}`).sort(),
      ['group berlin: 1, lost 1', 'group staff: 2, lost 2', 'role employee: 1, lost 1', 'role manager: 1, lost 0'],
    )
    assert.deepEqual(
      impact.lost.map(({ username, name }) => `${username} ${name}`),
      ['nina employee', 'nina berlin', 'nina staff', 'otto staff'],
    )
    assert.deepEqual(
      impact.fields.filter(({ field }) => field === 'uid'),
      [{ field: 'uid', rule: 'uid', accounts: 2 }],
    )
    const ofRule = await office.run('connection.impact', { id: connectionId, rule: 'assertion-role', limit: 1 })
    assert.deepEqual(
      ofRule.grants.map(({ name, lost }) => [name, lost]),
      [
        ['employee', 1],
        ['manager', 0],
      ],
    )
    assert.deepEqual(ofRule.fields, [])
    assert.equal(ofRule.lost.length, 1)
    assert.equal(ofRule.otherRules, undefined)
    const mistyped = await office.run('connection.impact', { id: connectionId, rule: 'assertion-rule' })
    assert.deepEqual([mistyped.grants, mistyped.fields, mistyped.lost], [[], [], []])
    assert.ok(mistyped.otherRules?.includes('assertion-role') && mistyped.otherRules.includes('uid'))
    const { reasons } = await office.run('account.why', { account: 'otto', what: 'manager' })
    assert.deepEqual(
      reasons.map(({ source, alsoFrom }) => [source, alsoFrom]),
      [
        ['connection:company-a', ['manual']],
        ['manual', ['connection:company-a']],
      ],
    )
    await assert.rejects(office.run('connection.impact', { id: 'nowhere' }), { code: 'connection_not_found' })
    assert.equal(await office.contents(), before)
  })
})
