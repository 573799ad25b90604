import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Connection } from '../../../src/directory/connection.ts'
import type { Directory } from '../../../src/directory/directory.ts'
import type { Bench } from '../conformance.ts'
import { newEvent, newLoginRequest, newPerson, now, type Person, queryFor, writesFor } from '../samples.ts'

const limits = { idleSeconds: 3600, absoluteSeconds: 43_200 }
const parallel = 50

/** A sign-in as the application makes it: what is stale is read and planned anew. Gives the number of readings. */
async function signIn(directory: Directory, connection: Connection, person: Person): Promise<number> {
  for (let readings = 1; readings <= 5; readings += 1) {
    const state = await directory.readSignInState(queryFor(connection, person))
    if ((await directory.applySignIn(writesFor(connection, person, state))) === 'applied') return readings
  }
  throw new Error('still stale')
}

export function raceCases(bench: () => Bench): void {
  test(`${parallel} first sign-ins of one person at once make one account, each after at most one more reading`, async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const person = newPerson()
    const before = await countRows()
    const readings = await Promise.all(Array.from({ length: parallel }, () => signIn(directory, connection, person)))
    assert.ok(Math.max(...readings) <= 2, `readings: ${readings}`)
    const after = await countRows()
    const grown = (table: string) => (after[table] ?? 0) - (before[table] ?? 0)
    assert.deepEqual(['account', 'identity', 'grant_set', 'session', 'sign_in_attempt', 'audit_event'].map(grown), [
      1,
      1,
      2,
      parallel,
      parallel,
      parallel,
    ])
    const { account } = await directory.readSignInState(queryFor(connection, person))
    assert.equal(account?.version, 1)
  })

  test(`${parallel} first sign-ins of as many persons at once make as many accounts`, async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const people = Array.from({ length: parallel }, newPerson)
    const readings = await Promise.all(people.map((person) => signIn(directory, connection, person)))
    assert.deepEqual(readings, Array(parallel).fill(1))
    const accounts = await directory.listAccounts(connection.organizationId, { limit: 100 })
    assert.deepEqual(accounts.map(({ username }) => username).sort(), people.map(({ username }) => username).sort())
  })

  test('of several persons with one user name at once, one gets it and the others are refused', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const { username } = newPerson()
    const outcomes = await Promise.allSettled(
      Array.from({ length: 10 }, (_, index) =>
        directory.applySignIn(writesFor(connection, { subjectKey: `${index}`, username })),
      ),
    )
    const codes = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code))
    assert.deepEqual(codes.sort(), [...Array(9).fill('account_conflict'), 'applied'])
  })

  test('one assertion posted many times at once signs in once', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const request = newLoginRequest(connection)
    await directory.beginLoginRequest(request)
    const writes = { ...writesFor(connection, newPerson()), loginRequestId: request.id }
    const before = await countRows()
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => directory.applySignIn(writes)))
    const codes = outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code))
    assert.deepEqual(codes.sort(), ['applied', ...Array(9).fill('assertion_replayed')])
    const after = await countRows()
    assert.equal((after.session ?? 0) - (before.session ?? 0), 1)
    assert.equal((after.account ?? 0) - (before.account ?? 0), 1)
  })

  test('a suspension in the middle of many sign-ins leaves no session', async () => {
    const { directory, newConnection, pool } = bench()
    const connection = await newConnection()
    const person = newPerson()
    await signIn(directory, connection, person)
    const state = await directory.readSignInState(queryFor(connection, person))
    const accountId = state.account?.id ?? ''
    const suspension = { from: 'active', to: 'suspended' } as const
    const signIns = Array.from({ length: 20 }, async (_, index) => {
      if (index === 10) await directory.setAccountState(connection.organizationId, accountId, suspension, newEvent())
      const writes = writesFor(connection, person, state)
      return [await directory.applySignIn(writes), writes.session.tokenHash] as const
    })
    const outcomes = await Promise.all(signIns)
    const { rows } = await pool.query('select 1 from session where account_id = $1', [accountId])
    assert.equal(rows.length, 0)
    assert.ok(outcomes.some(([outcome]) => outcome === 'stale'))
    for (const [, tokenHash] of outcomes) {
      assert.equal(await directory.findSession(tokenHash, { now, limits }), undefined)
    }
  })
}
