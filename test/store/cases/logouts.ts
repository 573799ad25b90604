import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from 'uuidv7'
import type { Connection } from '../../../src/directory/connection.ts'
import type { SessionsEnding } from '../../../src/directory/logout.ts'
import type { SignInWrites } from '../../../src/directory/sign-in.ts'
import type { Bench } from '../conformance.ts'
import { later, newEvent, newHash, newLogout, newName, newPerson, now, queryFor, writesFor } from '../samples.ts'

const limits = { idleSeconds: 1800, absoluteSeconds: 36_000 }

export function logoutCases(bench: () => Bench): void {
  async function signIn(connection: Connection, session: Partial<SignInWrites['session']> = {}, person = newPerson()) {
    const { directory } = bench()
    const state = await directory.readSignInState(queryFor(connection, person))
    const writes = writesFor(connection, person, state)
    const signedIn = { ...writes, session: { ...writes.session, ...session } }
    assert.equal(await directory.applySignIn(signedIn), 'applied')
    return { person, accountId: writes.account.id, ...signedIn.session }
  }

  const lives = async ({ tokenHash }: { readonly tokenHash: string }, applicationId?: string) =>
    (await bench().directory.findSession(tokenHash, { now, limits, ...(applicationId && { applicationId }) })) !==
    undefined

  function endingOf(connection: Connection, nameId: string, ...sessionIndexes: readonly string[]): SessionsEnding {
    return {
      organizationId: connection.organizationId,
      connectionId: connection.id,
      request: { id: newName('_request'), rememberUntil: later(600) },
      nameId,
      sessionIndexes,
      event: newEvent('session.ended'),
    }
  }

  test('a session that ends leaves what its identity provider must be told', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const session = await signIn(connection, { nameId: 'n', sessionIndex: 'i' })
    const request = newLogout({ returnTo: 'https://portal.example/bye' })
    const kept = await directory.endSession(session.tokenHash, request)
    const { organizationId, id: connectionId } = connection
    assert.deepEqual(kept, { organizationId, connectionId, nameId: 'n', sessionIndex: 'i', ...request })
    assert.deepEqual(await directory.findLogoutRequest(request.id, now), kept)
    assert.equal(await directory.findLogoutRequest(request.id, request.expiresAt), undefined)
    assert.equal(await directory.findLogoutRequest(newName('_other'), now), undefined)
    const { countRows } = bench()
    const before = await countRows()
    assert.equal(await directory.endSession(session.tokenHash, newLogout()), undefined)
    assert.deepEqual(await countRows(), before)
  })

  test('the NameID is told as it arrived, and compared as it is stored', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const nameId = newName('name')
    const [one, two] = [
      await signIn(connection, { nameId, exactNameId: nameId.toUpperCase() }),
      await signIn(connection, { nameId, exactNameId: ` ${nameId}` }),
    ]
    const kept = await directory.endSession(one.tokenHash, newLogout())
    assert.equal(kept?.nameId, nameId.toUpperCase())
    assert.deepEqual(await directory.endSessionsByNameId(endingOf(connection, nameId)), {
      sessionsEnded: 1,
      isKnown: true,
    })
    assert.equal(await lives(two), false)
  })

  test('an answer is written down once, by the connection that was asked, in time', async () => {
    const { directory, newConnection } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const { tokenHash } = await signIn(connection)
    const { id, expiresAt } = newLogout()
    const kept = await directory.endSession(tokenHash, { id, createdAt: now, expiresAt })
    const answer = (of: Connection, at = now) =>
      directory.completeLogoutRequest({
        organizationId: of.organizationId,
        connectionId: of.id,
        id,
        outcome: 'partial',
        now: at,
      })
    assert.equal(await answer(other), undefined)
    assert.equal(await answer(connection, expiresAt), undefined)
    assert.deepEqual(await answer(connection), { ...kept, outcome: 'partial' })
    assert.equal(await answer(connection), undefined)
    assert.equal((await directory.findLogoutRequest(id, now))?.outcome, 'partial')
  })

  test('a NameID ends its sessions over one connection with all that hang on them, and no others', async () => {
    const { directory, newConnection, pool } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const nameId = newName('name')
    const handoff = { codeHash: newHash(), applicationId: 'portal', browserHash: newHash() }
    const first = await signIn(connection, { nameId, sessionIndex: 'one' })
    const second = await signIn(connection, { nameId, sessionIndex: 'two' }, first.person)
    const others = [await signIn(connection, { nameId: `${nameId} ` }), await signIn(other, { nameId })]
    const { organizationId } = connection
    await directory.createHandoff({
      ...handoff,
      organizationId,
      sessionId: first.id,
      returnTo: '/',
      expiresAt: later(60),
    })
    const child = { id: uuidv7(), tokenHash: newHash() }
    assert.ok(await directory.redeemHandoff({ ...handoff, session: child, now }))
    assert.ok(await lives(child, 'portal'))

    const ending = endingOf(connection, nameId)
    assert.deepEqual(await directory.endSessionsByNameId(ending), { sessionsEnded: 2, isKnown: true })
    for (const session of [first, second]) assert.equal(await lives(session), false)
    assert.equal(await lives(child, 'portal'), false)
    for (const session of others) assert.ok(await lives(session))
    const { rows } = await pool.query('select target, detail from audit_event where id = $1', [ending.event.id])
    const detail = { ...ending.event.detail, sessionsEnded: 2 }
    assert.deepEqual(rows, [{ target: `account:${first.accountId}`, detail }])
  })

  test('SessionIndexes end only the sessions that have them', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const nameId = newName('name')
    const first = await signIn(connection, { nameId, sessionIndex: 'one' })
    const second = await signIn(connection, { nameId, sessionIndex: 'two' }, first.person)
    const third = await signIn(connection, { nameId, sessionIndex: 'three' }, first.person)
    const ending = endingOf(connection, nameId, 'one', 'three', 'unknown')
    assert.deepEqual(await directory.endSessionsByNameId(ending), { sessionsEnded: 2, isKnown: true })
    assert.deepEqual([await lives(first), await lives(second), await lives(third)], [false, true, false])
  })

  test('a logout request is consumed once, and a later session is safe from it', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const nameId = newName('name')
    const { person } = await signIn(connection, { nameId })
    const ending = endingOf(connection, nameId)
    assert.deepEqual(await directory.endSessionsByNameId(ending), { sessionsEnded: 1, isKnown: true })
    const later = await signIn(connection, { nameId }, person)
    const before = await countRows()
    assert.equal(await directory.endSessionsByNameId(ending), 'replayed')
    assert.deepEqual(await countRows(), before)
    assert.ok(await lives(later))
  })

  test('a NameID without a session is known when it has an identity, and nothing is recorded', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const { person, tokenHash } = await signIn(connection)
    await directory.endSession(tokenHash, newLogout())
    const before = await countRows()
    const known = await directory.endSessionsByNameId(endingOf(connection, person.subjectKey))
    assert.deepEqual(known, { sessionsEnded: 0, isKnown: true })
    const unknown = await directory.endSessionsByNameId(endingOf(connection, newName('stranger')))
    assert.deepEqual(unknown, { sessionsEnded: 0, isKnown: false })
    assert.deepEqual(await countRows(), { ...before, consumed_assertion: (before.consumed_assertion ?? 0) + 2 })
  })

  test('a NameID longer than an index row can be kept and ended', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const nameId = newHash().repeat(200)
    const session = await signIn(connection, { nameId })
    const ended = await directory.endSessionsByNameId(endingOf(connection, nameId))
    assert.deepEqual(ended, { sessionsEnded: 1, isKnown: true })
    assert.equal(await lives(session), false)
  })
}
