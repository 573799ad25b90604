import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from 'uuidv7'
import type { Bench } from '../conformance.ts'
import { later, newEvent, newPerson, now, writesFor } from '../samples.ts'

const limits = { idleSeconds: 3600, absoluteSeconds: 43_200 }

export function accountCases(bench: () => Bench): void {
  test('an account is found by id and by user name in normal form, only in its organization', async () => {
    const { directory, newConnection } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const person = newPerson()
    const writes = writesFor(connection, person)
    assert.equal(await directory.applySignIn(writes), 'applied')
    const byId = await directory.findAccount(connection.organizationId, writes.account.id)
    assert.deepEqual(byId?.account, {
      organizationId: connection.organizationId,
      id: writes.account.id,
      username: person.username,
      state: 'active',
      fields: writes.account.fields,
      createdAt: now,
      updatedAt: now,
      lastSignInAt: now,
      version: 1,
    })
    assert.deepEqual(
      byId?.grants,
      [...writes.account.grantsAdded].sort((a, b) => a.kind.localeCompare(b.kind)),
    )
    assert.deepEqual(await directory.findAccount(connection.organizationId, ` ${person.username.toUpperCase()} `), byId)
    assert.equal(await directory.findAccount(other.organizationId, writes.account.id), undefined)
    assert.equal(await directory.findAccount(other.organizationId, person.username), undefined)
  })

  test('a user name that looks like the id of another account does not hide that account', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const victim = writesFor(connection, newPerson())
    await directory.applySignIn(victim)
    await directory.applySignIn(writesFor(connection, { subjectKey: 'x', username: victim.account.id }))
    const found = await directory.findAccount(connection.organizationId, victim.account.id)
    assert.equal(found?.account.id, victim.account.id)
  })

  test('accounts are listed page by page in order of user name', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    for (const username of ['Bea', 'ada', 'Čeněk', 'cleo', 'Dan']) {
      await directory.applySignIn(writesFor(connection, { subjectKey: username, username }))
    }
    const first = await directory.listAccounts(connection.organizationId, { limit: 3 })
    assert.deepEqual(
      first.map(({ username }) => username),
      ['ada', 'Bea', 'cleo'],
    )
    const rest = await directory.listAccounts(connection.organizationId, { limit: 3, after: 'Cleo' })
    assert.deepEqual(
      rest.map(({ username }) => username),
      ['Dan', 'Čeněk'],
    )
  })

  test('suspending an account ends its sessions at once; reinstating does not bring them back', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const person = newPerson()
    const { organizationId } = connection
    const first = writesFor(connection, person)
    await directory.applySignIn(first)
    const bystander = writesFor(connection, newPerson())
    await directory.applySignIn(bystander)
    const { tokenHash } = first.session
    assert.ok(await directory.findSession(tokenHash, { now, limits }))

    const { id } = first.account
    const suspension = { from: 'active', to: 'suspended' } as const
    assert.deepEqual(await directory.setAccountState(organizationId, id, suspension, newEvent('x', later(9))), {
      sessionsEnded: 1,
    })
    assert.equal(await directory.findSession(tokenHash, { now, limits }), undefined)
    assert.ok(await directory.findSession(bystander.session.tokenHash, { now, limits }))
    const suspended = (await directory.findAccount(organizationId, id))?.account
    assert.deepEqual([suspended?.state, suspended?.version, suspended?.updatedAt], ['suspended', 2, later(9)])

    await directory.setAccountState(organizationId, id, { from: 'suspended', to: 'active' }, newEvent())
    assert.equal(await directory.findSession(tokenHash, { now, limits }), undefined)
    assert.equal((await directory.findAccount(organizationId, id))?.account.version, 3)
  })

  test('the state of a missing account, or of another organization’s, is not set', async () => {
    const { directory, newConnection, countRows } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const writes = writesFor(connection, newPerson())
    await directory.applySignIn(writes)
    const before = await countRows()
    for (const [organizationId, id] of [
      [connection.organizationId, uuidv7()],
      [connection.organizationId, 'not-a-uuid'],
      [other.organizationId, writes.account.id],
    ] as const) {
      const change = { from: 'active', to: 'suspended' } as const
      await assert.rejects(directory.setAccountState(organizationId, id, change, newEvent()), {
        code: 'account_not_found',
      })
    }
    assert.deepEqual(await countRows(), before)
    assert.ok(await directory.findSession(writes.session.tokenHash, { now, limits }))
  })
}
