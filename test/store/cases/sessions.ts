import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from 'uuidv7'
import type { Connection } from '../../../src/directory/connection.ts'
import type { Directory } from '../../../src/directory/directory.ts'
import type { SignInWrites } from '../../../src/directory/sign-in.ts'
import { createDirectory } from '../../../src/store/postgres-directory.ts'
import type { Bench } from '../conformance.ts'
import { countStatements } from '../count-statements.ts'
import { later, newEvent, newHash, newLogout, newPerson, now, writesFor } from '../samples.ts'

const limits = { idleSeconds: 1800, absoluteSeconds: 36_000 }
const applicationId = 'portal'

/** Signs a new person in, with a hand-off to an application on the way. */
async function signInWithHandoff(directory: Directory, connection: Connection, more: Partial<SignInWrites> = {}) {
  const handoff = {
    codeHash: newHash(),
    applicationId,
    browserHash: newHash(),
    returnTo: 'https://portal.example/deep?a=1',
    expiresAt: later(60),
  }
  const writes = { ...writesFor(connection, newPerson()), handoff, ...more }
  assert.equal(await directory.applySignIn(writes), 'applied')
  const { codeHash, browserHash } = handoff
  const redeem = { codeHash, browserHash, applicationId, session: { id: uuidv7(), tokenHash: newHash() }, now }
  return { writes, handoff, redeem }
}

export function sessionCases(bench: () => Bench): void {
  test('a session is found in one round trip with its account and grants', async () => {
    const { pool, directory, newConnection } = bench()
    const connection = await newConnection()
    const writes = writesFor(connection, newPerson())
    await directory.applySignIn(writes)
    const { counted, statements } = countStatements(pool)
    const holder = await createDirectory(counted).findSession(writes.session.tokenHash, { now, limits })
    assert.deepEqual(statements, ['session_find'])
    assert.deepEqual(holder?.session, {
      organizationId: connection.organizationId,
      id: writes.session.id,
      accountId: writes.account.id,
      connectionId: connection.id,
      createdAt: now,
      lastSeenAt: now,
      expiresAt: writes.session.expiresAt,
    })
    const stored = await directory.findAccount(connection.organizationId, writes.account.id)
    assert.deepEqual({ account: holder?.account, grants: holder?.grants }, stored)
    assert.equal(holder?.grants.length, 2)
    assert.equal(await directory.findSession(newHash(), { now, limits }), undefined)
    assert.equal(await directory.findSession(writes.session.tokenHash, { now, limits, applicationId }), undefined)
  })

  test('a session is touched once a minute at most, and lives as long as it is used', async () => {
    const { directory, newConnection } = bench()
    const writes = writesFor(await newConnection(), newPerson())
    await directory.applySignIn(writes)
    const seenAt = async (seconds: number) =>
      (await directory.findSession(writes.session.tokenHash, { now: later(seconds), limits }))?.session.lastSeenAt
    assert.deepEqual(await seenAt(59.999), now)
    assert.deepEqual(await seenAt(60), later(60))
    assert.deepEqual(await seenAt(1859.999), later(1859.999))
    assert.equal(await seenAt(1859.999 + 1800), undefined)
    assert.deepEqual(await seenAt(1859.999 + 1799.999), later(1859.999 + 1799.999))
  })

  test('many requests of one session at once all find it', async () => {
    const { directory, newConnection } = bench()
    const writes = writesFor(await newConnection(), newPerson())
    await directory.applySignIn(writes)
    const found = await Promise.all(
      Array.from({ length: 20 }, () => directory.findSession(writes.session.tokenHash, { now: later(90), limits })),
    )
    assert.ok(found.every((holder) => holder !== undefined))
  })

  test('a session ends at its own end, at the absolute limit and at the end of its account, to the millisecond', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const lastMoment = async (writes: SignInWrites, end: Date, absoluteSeconds: number) => {
      await directory.applySignIn(writes)
      const at = (moment: Date) =>
        directory.findSession(writes.session.tokenHash, { now: moment, limits: { idleSeconds: 1e6, absoluteSeconds } })
      assert.ok(await at(later(-0.001, end)))
      assert.equal(await at(end), undefined)
    }
    const writes = () => writesFor(connection, newPerson())
    const ending = writes()
    await lastMoment({ ...ending, session: { ...ending.session, expiresAt: later(100) } }, later(100), 1e6)
    await lastMoment(writes(), later(200), 200)
    const contractor = writes()
    await lastMoment({ ...contractor, account: { ...contractor.account, expiresAt: later(300) } }, later(300), 1e6)
  })

  test('a hand-off opens the application’s session once', async () => {
    const { directory, newConnection, countRows } = bench()
    const { writes, handoff, redeem } = await signInWithHandoff(directory, await newConnection())
    assert.deepEqual(await directory.redeemHandoff(redeem), {
      returnTo: handoff.returnTo,
      expiresAt: writes.session.expiresAt,
    })
    const holder = await directory.findSession(redeem.session.tokenHash, { now, limits, applicationId })
    assert.equal(holder?.session.applicationId, applicationId)
    assert.equal(holder?.account.id, writes.account.id)
    assert.equal(await directory.findSession(redeem.session.tokenHash, { now, limits }), undefined)
    const before = await countRows()
    const again = { ...redeem, session: { id: uuidv7(), tokenHash: newHash() } }
    assert.equal(await directory.redeemHandoff(again), undefined)
    assert.deepEqual(await countRows(), before)
  })

  test('a hand-off that is redeemed many times at once opens one session', async () => {
    const { directory, newConnection } = bench()
    const { redeem } = await signInWithHandoff(directory, await newConnection())
    const outcomes = await Promise.all(
      Array.from({ length: 10 }, () =>
        directory.redeemHandoff({ ...redeem, session: { id: uuidv7(), tokenHash: newHash() } }),
      ),
    )
    assert.equal(outcomes.filter((outcome) => outcome !== undefined).length, 1)
  })

  test('a hand-off fits only its code, its browser, its application and its time', async () => {
    const { directory, newConnection, countRows } = bench()
    const { handoff, redeem } = await signInWithHandoff(directory, await newConnection())
    const before = await countRows()
    for (const wrong of [
      { codeHash: newHash() },
      { browserHash: newHash() },
      { applicationId: 'other' },
      { now: handoff.expiresAt },
    ]) {
      assert.equal(await directory.redeemHandoff({ ...redeem, ...wrong }), undefined, Object.keys(wrong)[0])
    }
    assert.deepEqual(await countRows(), before)
    assert.ok(await directory.redeemHandoff({ ...redeem, now: later(-0.001, handoff.expiresAt) }))
  })

  test('a hand-off needs a live session and a live account', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const { organizationId } = connection
    const suspended = await signInWithHandoff(directory, connection)
    const change = { from: 'active', to: 'suspended' } as const
    await directory.setAccountState(organizationId, suspended.writes.account.id, change, newEvent())
    assert.equal(await directory.redeemHandoff(suspended.redeem), undefined)

    const signedOut = await signInWithHandoff(directory, connection)
    await directory.endSession(signedOut.writes.session.tokenHash, newLogout())
    assert.equal(await directory.redeemHandoff(signedOut.redeem), undefined)
    const { writes } = signedOut
    const late = { ...signedOut.handoff, organizationId, sessionId: writes.session.id, codeHash: newHash() }
    await assert.rejects(directory.createHandoff(late), { code: 'session_required' })

    const contractor = writesFor(connection, newPerson())
    const account = { ...contractor.account, expiresAt: later(30) }
    const expired = await signInWithHandoff(directory, connection, { account })
    assert.equal(await directory.redeemHandoff({ ...expired.redeem, now: later(30) }), undefined)
  })

  test('a session that stands already can be handed off to further applications', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const { writes, redeem } = await signInWithHandoff(directory, connection)
    await directory.redeemHandoff(redeem)
    const second = { codeHash: newHash(), browserHash: newHash(), applicationId: 'wiki' }
    const { organizationId } = connection
    const sessionId = writes.session.id
    await directory.createHandoff({ ...second, organizationId, sessionId, returnTo: '/', expiresAt: later(60) })
    const session = { id: uuidv7(), tokenHash: newHash() }
    assert.ok(await directory.redeemHandoff({ ...second, session, now }))
    assert.ok(await directory.findSession(session.tokenHash, { now, limits, applicationId: 'wiki' }))
    assert.ok(await directory.findSession(redeem.session.tokenHash, { now, limits, applicationId }))
  })

  test('using an application keeps the sign-in it hangs on alive, and ends with it', async () => {
    const { directory, newConnection } = bench()
    const { writes, redeem } = await signInWithHandoff(directory, await newConnection())
    await directory.redeemHandoff(redeem)
    const { tokenHash } = redeem.session
    const at = (seconds: number) => ({ now: later(seconds), limits })
    for (const seconds of [1700, 3400, 5100]) {
      assert.ok(await directory.findSession(tokenHash, { ...at(seconds), applicationId }), `${seconds}`)
    }
    assert.ok(await directory.findSession(writes.session.tokenHash, at(5200)))
    await directory.endSession(writes.session.tokenHash, newLogout())
    assert.equal(await directory.findSession(tokenHash, { ...at(5200), applicationId }), undefined)
  })

  test('an application that is not used for long asks again, though the sign-in is used elsewhere', async () => {
    const { directory, newConnection } = bench()
    const { writes, redeem } = await signInWithHandoff(directory, await newConnection())
    await directory.redeemHandoff(redeem)
    const at = (seconds: number) => ({ now: later(seconds), limits })
    for (const seconds of [1000, 2000]) assert.ok(await directory.findSession(writes.session.tokenHash, at(seconds)))
    assert.equal(await directory.findSession(redeem.session.tokenHash, { ...at(2000), applicationId }), undefined)
  })

  test('a session is worth nothing when only the rows around it say so', async () => {
    const { pool, directory, newConnection } = bench()
    const connection = await newConnection()
    const find = (tokenHash: string) => directory.findSession(tokenHash, { now, limits, applicationId })
    const suspended = await signInWithHandoff(directory, connection)
    await directory.redeemHandoff(suspended.redeem)
    const second = { ...suspended.handoff, codeHash: newHash() }
    const { id: sessionId } = suspended.writes.session
    await directory.createHandoff({ ...second, organizationId: connection.organizationId, sessionId })
    assert.ok(await find(suspended.redeem.session.tokenHash))
    await pool.query(`update account set state = 'suspended' where id = $1`, [suspended.writes.account.id])
    assert.equal(await find(suspended.redeem.session.tokenHash), undefined)
    const session = { id: uuidv7(), tokenHash: newHash() }
    assert.equal(await directory.redeemHandoff({ ...suspended.redeem, ...second, session }), undefined)

    const left = await signInWithHandoff(directory, connection)
    await directory.redeemHandoff(left.redeem)
    await pool.query('update session set last_seen_at = $1 where id = $2', [later(-1800), left.writes.session.id])
    assert.equal(await find(left.redeem.session.tokenHash), undefined)
  })

  test('signing out at an application ends the sign-in and all that hangs on it', async () => {
    const { directory, newConnection } = bench()
    const { writes, redeem } = await signInWithHandoff(directory, await newConnection())
    await directory.redeemHandoff(redeem)
    await directory.endSession(redeem.session.tokenHash, newLogout())
    assert.equal(await directory.findSession(writes.session.tokenHash, { now, limits }), undefined)
    assert.equal(await directory.findSession(redeem.session.tokenHash, { now, limits, applicationId }), undefined)
    await directory.endSession(redeem.session.tokenHash, newLogout())
  })

  test('suspending ends the sessions at applications too', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const { writes, redeem } = await signInWithHandoff(directory, connection)
    await directory.redeemHandoff(redeem)
    const { organizationId } = connection
    const change = { from: 'active', to: 'deactivated' } as const
    const ended = await directory.setAccountState(organizationId, writes.account.id, change, newEvent())
    assert.deepEqual(ended, { sessionsEnded: 2 })
    assert.equal(await directory.findSession(redeem.session.tokenHash, { now, limits, applicationId }), undefined)
  })
}
