import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from 'uuidv7'
import type { Bench } from '../conformance.ts'

import { later, newEvent, newHash, newLoginRequest, newLogout, newPerson, waitingFor, writesFor } from '../samples.ts'

const noneRemoved = {
  pendingAccounts: 0,
  loginRequests: 0,
  testSignIns: 0,
  setUps: 0,
  linkRequests: 0,
  logoutRequests: 0,
  consumedAssertions: 0,
  handoffs: 0,
  sessions: 0,
  attempts: 0,
}

export function housekeepingCases(bench: () => Bench): void {
  test('what has expired is removed and counted, what has not stays', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    // Long before anything the other cases write.
    const end = new Date('2001-01-01T00:00:00.000Z')
    const before = new Date(end.getTime() - 1)
    for (const expiresAt of [end, new Date(end.getTime() + 1)]) {
      const writes = writesFor(connection, newPerson())
      await directory.applySignIn({
        ...writes,
        assertion: { ...writes.assertion, rememberUntil: expiresAt },
        session: { ...writes.session, expiresAt },
        handoff: { codeHash: newHash(), applicationId: 'a', browserHash: newHash(), returnTo: '/', expiresAt },
        attempt: { ...writes.attempt, at: new Date(expiresAt.getTime() - 1) },
      })
      const signedOut = writesFor(connection, newPerson())
      await directory.applySignIn({ ...signedOut, session: { ...signedOut.session, expiresAt: later(3600) } })
      await directory.endSession(signedOut.session.tokenHash, newLogout({ createdAt: before, expiresAt }))
      await directory.beginLoginRequest(newLoginRequest(connection, { createdAt: before, expiresAt }))
      const { organizationId, id: connectionId } = connection
      await directory.createTestSignIn({ organizationId, connectionId, codeHash: newHash(), expiresAt }, newEvent())
      await directory.keepWaiting(waitingFor(connection, newPerson(), expiresAt))
      // Kept for a day after its end.
      const held = writesFor(connection, newPerson())
      const aDayBefore = new Date(expiresAt.getTime() - 86_400_000)
      const setUp = { ticketHash: newHash(), browserHash: newHash(), returnTo: '/', fields: [], expiresAt: aDayBefore }
      await directory.applySignIn({ ...held, session: { ...held.session, expiresAt: later(3600) }, setUp })
    }
    assert.deepEqual(await directory.pruneExpired(before, before), noneRemoved)
    assert.deepEqual(await directory.pruneExpired(end, end), {
      pendingAccounts: 1,
      loginRequests: 1,
      testSignIns: 1,
      setUps: 1,
      linkRequests: 0,
      logoutRequests: 1,
      consumedAssertions: 1,
      handoffs: 1,
      sessions: 1,
      attempts: 1,
    })
    assert.deepEqual(await directory.pruneExpired(end, end), noneRemoved)
    const all = new Date(end.getTime() + 1)
    assert.equal((await directory.pruneExpired(all, end)).sessions, 1)
  })

  test('more rows than one batch are removed in one go', async () => {
    const { pool, directory, newConnection } = bench()
    const { organizationId, id } = await newConnection()
    const then = new Date('1999-01-01T00:00:00.000Z')
    await pool.query(
      `
      insert into consumed_assertion (organization_id, connection_id, assertion_hash, remember_until)
      select $1, $2, sha256(convert_to(n::text, 'UTF8')), $3
      from generate_series(1, 2500) as n`,
      [organizationId, id, then],
    )
    assert.deepEqual(await directory.pruneExpired(then, then), { ...noneRemoved, consumedAssertions: 2500 })
  })

  test('an assertion that is still remembered after a pruning cannot be used again', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const writes = writesFor(connection, newPerson())
    await directory.applySignIn(writes)
    await directory.pruneExpired(writes.now, new Date(0))
    const again = { ...writesFor(connection, newPerson()), assertion: writes.assertion, attemptId: uuidv7() }
    await assert.rejects(directory.applySignIn(again), { code: 'assertion_replayed' })
  })

  test('the storage answers', async () => {
    await bench().directory.checkStorage()
  })
}
