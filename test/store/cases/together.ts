import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDirectory } from '../../../src/store/postgres-directory.ts'
import type { Bench } from '../conformance.ts'
import { countStatements } from '../count-statements.ts'
import { newPerson, queryFor, writesFor } from '../samples.ts'

export function togetherCases(bench: () => Bench): void {
  test('sign-ins that come together read and write in one statement each, and each gets its own answer', async () => {
    const { pool, newConnection, countRows } = bench()
    const connections = [await newConnection(), await newConnection()]
    const { counted, statements } = countStatements(pool)
    const directory = createDirectory(counted)
    const people = Array.from({ length: 20 }, (_unused, index) => {
      const connection = connections[index % 2]
      if (connection === undefined) throw new Error('no connection')
      return { connection, person: newPerson() }
    })
    const readAll = () =>
      Promise.all(people.map(({ connection, person }) => directory.readSignInState(queryFor(connection, person))))
    const before = await countRows()
    const strangers = await readAll()
    const outcomes = await Promise.all(
      people.map(({ connection, person }, index) =>
        directory.applySignIn(writesFor(connection, person, strangers[index])),
      ),
    )
    assert.deepEqual(new Set(outcomes), new Set(['applied']))
    assert.deepEqual(statements, ['sign_in_read_states', 'sign_in_apply_many'])
    assert.deepEqual(
      (await readAll()).map(({ account }) => account?.username),
      people.map(({ person }) => person.username),
    )
    assert.equal((await countRows()).session, (before.session ?? 0) + people.length)
  })

  test('one that is refused among others is refused for its own reason, writes nothing, and the others are let in', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const replayed = writesFor(connection, newPerson())
    assert.equal(await directory.applySignIn(replayed), 'applied')
    const stale = { ...writesFor(connection, newPerson()), connectionVersion: 7 }
    const taken = writesFor(connection, { ...newPerson(), username: replayed.account.username })
    const unknownRequest = { ...writesFor(connection, newPerson()), loginRequestId: '_never' }
    const again = { ...writesFor(connection, newPerson()), assertion: replayed.assertion }
    const [good, better] = [writesFor(connection, newPerson()), writesFor(connection, newPerson())]
    const before = await countRows()
    const outcomes = await Promise.allSettled(
      [good, again, stale, taken, unknownRequest, better].map((writes) => directory.applySignIn(writes)),
    )
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code)),
      ['applied', 'assertion_replayed', 'stale', 'account_conflict', 'login_request_unknown', 'applied'],
    )
    const after = await countRows()
    const grown = Object.keys(after).filter((table) => after[table] !== before[table])
    assert.deepEqual(grown, [
      'account',
      'account_grant',
      'audit_event',
      'consumed_assertion',
      'grant_set',
      'identity',
      'session',
      'sign_in_attempt',
    ])
    assert.deepEqual(
      ['account', 'consumed_assertion', 'session'].map((table) => (after[table] ?? 0) - (before[table] ?? 0)),
      [2, 2, 2],
    )
  })

  test('one that the database cannot even read leaves the others alone', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const bad = writesFor(connection, newPerson())
    const good = writesFor(connection, newPerson())
    const outcomes = await Promise.allSettled([
      directory.applySignIn(good),
      directory.applySignIn({ ...bad, account: { ...bad.account, username: 'Ada\u0000' } }),
      directory.applySignIn(writesFor(connection, newPerson())),
    ])
    assert.deepEqual(
      outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : outcome.reason.code)),
      ['applied', 'input_invalid', 'applied'],
    )
    const reads = await Promise.allSettled([
      directory.readSignInState({ ...queryFor(connection, newPerson()), connectionId: 'other' }),
      directory.readSignInState({ ...queryFor(connection, newPerson()), subjectKey: 'Ada\u0000' }),
      directory.readSignInState(queryFor(connection, newPerson())),
    ])
    assert.deepEqual(
      reads.map((read) => (read.status === 'fulfilled' ? read.value.connectionVersion : read.reason.code)),
      ['connection_not_found', 'input_invalid', 1],
    )
  })
}
