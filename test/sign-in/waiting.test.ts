import assert from 'node:assert/strict'
import { test } from 'node:test'
import { approveAccount, deactivateAccount, reinstateAccount, rejectAccount } from '../../src/admin/account-states.ts'
import { updateOrganization } from '../../src/admin/organizations.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, organizationId, type SignInWorld } from '../support/sign-in-world.ts'

const signIn = (world: SignInWorld, person = nina) =>
  completeSignIn({ connectionId, samlResponse: world.issue(person) }, world.deps)
const stateOf = async (world: SignInWorld, username = 'nina') =>
  (await world.directory.findAccount(organizationId, username))?.account.state

forEachDatabase((kind, open) => {
  test(`demand 14: a first sign-in waits, is approved, and the next one leads in (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool, { newAccounts: 'pending' })
    const { deps } = openWorldOffice(world)
    const samlResponse = world.issue(nina)
    await assert.rejects(completeSignIn({ connectionId, samlResponse }, world.deps), { code: 'account_pending' })
    const rows = await world.countRows()
    assert.deepEqual([rows.account, rows.identity, rows.session, rows.handoff], [1, 1, 0, 0])
    await assert.rejects(completeSignIn({ connectionId, samlResponse }, world.deps), { code: 'assertion_replayed' })
    await assert.rejects(signIn(world), { code: 'account_pending' })
    assert.equal((await world.countRows()).account, 1)

    assert.equal((await approveAccount({ account: 'nina' }, deps)).changed, true)
    assert.equal((await approveAccount({ account: 'nina' }, deps)).changed, false)
    const { accountId } = await signIn(world)
    assert.equal((await world.directory.findAccount(organizationId, accountId))?.account.state, 'active')
    await assert.rejects(rejectAccount({ account: 'nina' }, deps), { code: 'account_not_pending' })
  })

  test(`demand 14: who is rejected stays out, and makes no new request (${kind})`, async (t) => {
    const settings = { newAccounts: 'pending', reinstateDeactivated: true } as const
    const world = await createSignInWorld((await open(t)).pool, settings)
    await assert.rejects(signIn(world), { code: 'account_pending' })
    await rejectAccount({ account: 'nina' }, openWorldOffice(world).deps)
    await assert.rejects(signIn(world), { code: 'account_suspended' })
    assert.equal(await stateOf(world), 'suspended')
  })

  test(`demand 14: of two who decide at once one is first, and the other is told (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool, { newAccounts: 'pending' })
    await assert.rejects(signIn(world), { code: 'account_pending' })
    const { deps } = openWorldOffice(world)
    const decided = await Promise.allSettled([
      approveAccount({ account: 'nina' }, deps),
      rejectAccount({ account: 'nina' }, deps),
      approveAccount({ account: 'nina' }, deps),
      rejectAccount({ account: 'nina' }, deps),
    ])
    const done = decided.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
    const late = decided.flatMap((one) => (one.status === 'rejected' ? [one.reason.code] : []))
    assert.deepEqual(late, ['account_not_pending', 'account_not_pending'])
    assert.equal(done.filter(({ changed }) => changed).length, 1)
    const state = await stateOf(world)
    assert.deepEqual(
      done.map(({ account }) => account.state),
      [state, state],
    )
    const { rows } = await world.pool.query("select from audit_event where action ~ '^account.(approved|rejected)'")
    assert.equal(rows.length, 1)
  })

  test(`who waits is not deactivated, which a connection could undo unapproved (${kind})`, async (t) => {
    const settings = { newAccounts: 'pending', reinstateDeactivated: true } as const
    const world = await createSignInWorld((await open(t)).pool, settings)
    await assert.rejects(signIn(world), { code: 'account_pending' })
    const { deps } = openWorldOffice(world)
    for (const refused of [deactivateAccount, reinstateAccount]) {
      await assert.rejects(refused({ account: 'nina' }, deps), { code: 'account_state_unfit' })
    }
    await assert.rejects(signIn(world), { code: 'account_pending' })
    assert.equal(await stateOf(world), 'pending')
  })

  test(`demand 15: no sign-in brings a deactivated account back, unless the connection says so (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    await signIn(world)
    await deactivateAccount({ account: 'nina' }, openWorldOffice(world).deps)
    assert.equal((await world.countRows()).session, 0)
    await assert.rejects(signIn(world), { code: 'account_deactivated' })
    await world.changeSettings({ reinstateDeactivated: true })
    await signIn(world)
    assert.equal(await stateOf(world), 'active')
  })

  test(`seat limit: whoever finds no place is refused and nothing is kept of them (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    await signIn(world)
    await updateOrganization({ id: organizationId, seatLimit: 1 }, openWorldOffice(world).deps)
    const before = await world.countRows()
    const otto = { nameId: 'otto', attributes: { uid: 'otto' } }
    await assert.rejects(signIn(world, otto), { code: 'seat_limit_reached' })
    assert.deepEqual(await world.countRows(), { ...before, sign_in_attempt: (before.sign_in_attempt ?? 0) + 1 })
    await signIn(world)
    await updateOrganization({ id: organizationId, seatLimit: 2 }, openWorldOffice(world).deps)
    await signIn(world, otto)
  })

  test(`seat limit: who is reinstated by signing in takes a place, or finds none (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool, { reinstateDeactivated: true })
    const { deps } = openWorldOffice(world)
    await signIn(world)
    await updateOrganization({ id: organizationId, seatLimit: 1 }, deps)
    await deactivateAccount({ account: 'nina' }, deps)
    const otto = { nameId: 'otto', attributes: { uid: 'otto' } }
    await signIn(world, otto)
    const before = await world.countRows()
    const preview = await openWorldOffice(world).run('connection.preview', {
      id: connectionId,
      response: world.issue(nina),
    })
    assert.equal(preview.refusal?.code, 'seat_limit_reached')
    await assert.rejects(signIn(world), { code: 'seat_limit_reached' })
    assert.equal(await stateOf(world), 'deactivated')
    assert.deepEqual(await world.countRows(), { ...before, sign_in_attempt: (before.sign_in_attempt ?? 0) + 1 })
    await deactivateAccount({ account: 'otto' }, deps)
    await signIn(world)
    await assert.rejects(signIn(world, otto), { code: 'seat_limit_reached' })
  })
})
