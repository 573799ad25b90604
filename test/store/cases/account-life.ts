import assert from 'node:assert/strict'
import { test } from 'node:test'
import { normalForm } from '../../../src/directory/account.ts'
import type { Connection } from '../../../src/directory/connection.ts'
import { administratorRole } from '../../../src/directory/role.ts'
import type { Bench } from '../conformance.ts'
import { later, newEvent, newPerson, now, type Person, waitingFor, writesFor } from '../samples.ts'

const manual = (name: string) => ({ kind: 'role', name, source: 'manual', rule: 'cli', since: now }) as const

/** Waiting for approval, seats, the last administrator: what an account goes through besides signing in. */
export function accountLifeCases(bench: () => Bench): void {
  async function read({ organizationId, id }: Connection, { subjectKey, username }: Person) {
    const usernameKey = normalForm(username)
    return bench().directory.readSignInState({ organizationId, connectionId: id, subjectKey, usernameKey })
  }

  test('demand 14: who waits is kept with all they would be, and without a session', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const person = newPerson()
    const before = await countRows()
    const writes = waitingFor(connection, person, later(60))
    assert.equal(await directory.keepWaiting(writes), 'applied')
    const kept = await directory.findAccount(connection.organizationId, person.username)
    assert.deepEqual([kept?.account.state, kept?.account.approvalExpiresAt], ['pending', later(60)])
    assert.equal(kept?.grants.length, 2)
    const after = await countRows()
    assert.deepEqual([after.session, after.sign_in_attempt], [before.session, before.sign_in_attempt])
    await assert.rejects(directory.keepWaiting(writes), { code: 'assertion_replayed' })
  })

  test('demand 14: a pending account is let in by approval only, never by what a sign-in writes for an active one', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const person = newPerson()
    const { organizationId } = connection
    await directory.keepWaiting(waitingFor(connection, person, later(60)))
    const state = await read(connection, person)
    const before = await countRows()
    assert.equal(await directory.applySignIn(writesFor(connection, person, state)), 'stale')
    assert.deepEqual(await countRows(), before)

    const id = state.account?.id ?? ''
    const approval = { from: 'pending', to: 'active' } as const
    await directory.setAccountState(organizationId, id, approval, newEvent('account.approved'))
    const approved = await read(connection, person)
    assert.deepEqual([approved.account?.state, approved.account?.approvalExpiresAt], ['active', undefined])
    assert.equal(await directory.applySignIn(writesFor(connection, person, approved)), 'applied')
  })

  test('demand 14: a request that lapsed is renewed, and one that stands is left alone', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const person = newPerson()
    await directory.keepWaiting(waitingFor(connection, person, later(60)))
    async function again(approvalExpiresAt?: Date) {
      const state = await read(connection, person)
      const { account, ...writes } = writesFor(connection, person, state)
      const change = { state: 'pending' as const, ...(approvalExpiresAt && { approvalExpiresAt }) }
      assert.equal(await directory.keepWaiting({ ...writes, account: { ...account, ...change } }), 'applied')
      return (await read(connection, person)).account
    }
    const stands = await again()
    assert.deepEqual([stands?.approvalExpiresAt, stands?.version], [later(60), 1])
    const renewed = await again(later(120))
    assert.deepEqual([renewed?.approvalExpiresAt, renewed?.version], [later(120), 2])
  })

  test('seat limit: of many who arrive at once only as many are let in as there are places', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const { organizationId } = connection
    const organization = await directory.findOrganization(organizationId)
    assert.ok(organization)
    await directory.applySignIn(writesFor(connection, newPerson()))
    await directory.updateOrganization({ ...organization, seatLimit: 3 }, newEvent())
    assert.equal((await directory.findOrganization(organizationId))?.seatLimit, 3)

    const before = await countRows()
    const fresh = await read(connection, newPerson())
    assert.deepEqual(fresh.seats, { limit: 3, taken: 1 })
    const outcomes = await Promise.allSettled(
      Array.from({ length: 6 }, () => {
        const writes = writesFor(connection, newPerson(), fresh)
        return directory.applySignIn({ ...writes, account: { ...writes.account, takesSeat: true } })
      }),
    )
    const codes = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code))
    assert.deepEqual(codes.filter((code) => code === 'applied').length, 2)
    assert.deepEqual(codes.filter((code) => code === 'seat_limit_reached').length, 4)
    const after = await countRows()
    assert.equal((after.account ?? 0) - (before.account ?? 0), 2)
    assert.deepEqual((await read(connection, newPerson())).seats, { limit: 3, taken: 3 })
  })

  test('seat limit: setting it makes older plans stale; suspending frees a place, reinstating takes it', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const { organizationId } = connection
    const organization = await directory.findOrganization(organizationId)
    assert.ok(organization)
    const first = writesFor(connection, newPerson())
    await directory.applySignIn(first)
    await directory.updateOrganization({ ...organization, seatLimit: 1 }, newEvent())
    assert.equal(await directory.applySignIn(writesFor(connection, newPerson())), 'stale')

    const set = (state: 'suspended' | 'active', id = first.account.id) =>
      directory.setAccountState(
        organizationId,
        id,
        { from: state === 'active' ? 'suspended' : 'active', to: state },
        newEvent(),
      )
    await set('suspended')
    const second = writesFor(connection, newPerson(), await read(connection, newPerson()))
    await directory.applySignIn({ ...second, account: { ...second.account, takesSeat: true } })
    await assert.rejects(set('active'), { code: 'seat_limit_reached' })
    assert.equal((await directory.findAccount(organizationId, first.account.id))?.account.state, 'suspended')
    await set('suspended', second.account.id)
    await set('active')

    await directory.updateOrganization(organization, newEvent())
    assert.equal((await read(connection, newPerson())).seats, undefined)
    await set('active', second.account.id)
  })

  test('demand 20: the last administrator stays, by suspending and by taking back the role', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const { organizationId } = connection
    const [one, other] = [writesFor(connection, newPerson()), writesFor(connection, newPerson())]
    for (const writes of [one, other]) {
      await directory.applySignIn(writes)
      await directory.grantRole(organizationId, writes.account.id, manual(administratorRole), newEvent())
    }
    const suspend = (id: string) =>
      directory.setAccountState(organizationId, id, { from: 'active', to: 'suspended' }, newEvent())
    const ended = await Promise.allSettled([suspend(one.account.id), suspend(other.account.id)])
    const refused = ended.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.code] : []))
    assert.deepEqual(refused, ['last_administrator'])

    const accounts = await directory.listAccounts(organizationId, { limit: 10, state: 'active' })
    const [last] = accounts
    assert.ok(last && accounts.length === 1)
    await directory.grantRole(organizationId, last.id, manual('agent'), newEvent())
    await directory.revokeRole(organizationId, last.id, manual('agent'), newEvent())
    const before = await countRows()
    const revoke = directory.revokeRole(organizationId, last.id, manual(administratorRole), newEvent())
    await assert.rejects(revoke, { code: 'last_administrator' })
    assert.deepEqual(await countRows(), before)
    assert.ok(
      (await directory.findAccount(organizationId, last.id))?.grants.some(({ name }) => name === administratorRole),
    )
  })

  test('a domain is proved by one organization at a time', async () => {
    const { directory, newConnection } = bench()
    const [one, other] = [await newConnection(), await newConnection()]
    const domain = `${one.organizationId}.example`
    for (const { organizationId } of [one, other]) {
      await directory.addDomain({ organizationId, domain, token: 'token', createdAt: now }, newEvent())
    }
    const proved = (organizationId: string) =>
      directory.checkedDomain({ organizationId, domain, verifiedAt: now, checkedAt: now }, newEvent())
    await proved(one.organizationId)
    await assert.rejects(proved(other.organizationId), { code: 'domain_taken' })
    assert.equal((await directory.listDomains(other.organizationId))[0]?.verifiedAt, undefined)
    await directory.removeDomain({ organizationId: one.organizationId, domain }, newEvent())
    await proved(other.organizationId)
    await assert.rejects(proved(one.organizationId), { code: 'domain_not_found' })
  })

  test('a role given by hand is one grant with its source, and makes plans from before stale', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const person = newPerson()
    const writes = writesFor(connection, person)
    await directory.applySignIn(writes)
    const { id } = writes.account
    const held = async () => (await directory.findAccount(connection.organizationId, id))?.grants ?? []
    const before = await read(connection, person)
    await directory.grantRole(connection.organizationId, id, manual('agent'), newEvent())
    assert.deepEqual(
      (await held()).filter(({ source }) => source === 'manual'),
      [manual('agent')],
    )
    const stale = writesFor(connection, person, before)
    const change = { fields: {}, grantsAdded: [], grantsRemoved: [], username: 'another', usernameKey: 'another' }
    assert.equal(await directory.applySignIn({ ...stale, account: { ...stale.account, ...change } }), 'stale')
    await directory.revokeRole(connection.organizationId, id, manual('agent'), newEvent())
    assert.equal((await held()).length, 2)
    await assert.rejects(directory.grantRole('nobody', id, manual('agent'), newEvent()), { code: 'account_not_found' })
  })
}
