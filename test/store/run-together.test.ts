import assert from 'node:assert/strict'
import { test } from 'node:test'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { runTogether } from '../../src/store/run-together.ts'
import { openTestDatabase } from '../support/databases.ts'
import { fieldOf, newConnection, newEvent, newOrganization, newPerson, queryFor, writesFor } from './samples.ts'

/** Writes down what is asked together; answers when it is told to. */
function writeDown() {
  const asked: (readonly number[])[] = []
  const gates: (() => void)[] = []
  const wait = () => new Promise<void>((open) => void gates.push(open))
  const ask = runTogether<number, number>({
    alone: async (one) => {
      asked.push([one])
      await wait()
      return one * 2
    },
    together: async (several) => {
      asked.push(several)
      await wait()
      return several.map((one) => one * 2)
    },
  })
  const openAll = async () => {
    while (gates.length > 0) {
      for (const open of gates.splice(0)) open()
      await turn()
      await turn()
    }
  }
  return { asked, ask, openAll }
}

/** One turn of the event loop, and what was planned for its end. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}

test('what is asked in one turn or while a statement is under way is asked together, at most 32 at a time', async () => {
  const { asked, ask, openAll } = writeDown()
  const first = [0, 1].map(ask)
  await turn()
  const others = Array.from({ length: 41 }, (_unused, index) => ask(index + 2))
  await turn()
  await openAll()
  const last = ask(43)
  await turn()
  await openAll()
  assert.deepEqual(
    await Promise.all([...first, ...others, last]),
    Array.from({ length: 44 }, (_unused, index) => index * 2),
  )
  assert.deepEqual(
    asked.map(({ length }) => length),
    [2, 32, 9, 1],
  )
})

test('a person whose account somebody holds does not hold up those who come after', async (t) => {
  const { pool } = await openTestDatabase('served', t)
  await migrateSchema(pool)
  const directory = createDirectory(pool)
  const organization = newOrganization()
  const connection = newConnection(organization.id)
  await directory.createOrganization(organization, newEvent())
  await directory.createConnection(connection, newEvent())
  const held = newPerson()
  await directory.applySignIn(writesFor(connection, held))
  const state = await directory.readSignInState(queryFor(connection, held))
  const change = writesFor(connection, held, state)
  const fields = { mail: fieldOf(connection.id, 'new@company.example') }

  const holder = await pool.connect()
  await holder.query('begin')
  await holder.query('select from account where id = $1 for update', [change.account.id])
  const ends: string[] = []
  const late = directory.applySignIn({ ...change, account: { ...change.account, fields } }).then((outcome) => {
    ends.push('held')
    return outcome
  })
  // It is under way, alone, when the others come.
  await turn()
  const others = [newPerson(), newPerson()].map(async (person) => {
    assert.equal(await directory.applySignIn(writesFor(connection, person)), 'applied')
    ends.push('other')
  })
  await Promise.all(others)
  await holder.query('commit')
  holder.release()
  assert.equal(await late, 'applied')
  assert.deepEqual(ends, ['other', 'other', 'held'])
})

test('when the connection breaks, nobody is told to be signed in, and nothing is asked a second time', async (t) => {
  const { pool } = await openTestDatabase('served', t)
  await migrateSchema(pool)
  const directory = createDirectory(pool)
  const organization = newOrganization()
  const connection = newConnection(organization.id)
  await directory.createOrganization(organization, newEvent())
  await directory.createConnection(connection, newEvent())

  const holder = await pool.connect()
  await holder.query('begin')
  // An insert that needs the connection's row waits.
  await holder.query('lock table consumed_assertion in access exclusive mode')
  let areAnswered = false
  const outcomes = Promise.allSettled(
    [newPerson(), newPerson()].map((person) => directory.applySignIn(writesFor(connection, person))),
  ).finally(() => {
    areAnswered = true
  })
  while (!areAnswered) {
    // Not by the holder: within a transaction it would see the same activity for ever.
    await pool.query(`
      select pg_terminate_backend(pid)
      from pg_stat_activity
      where datname = current_database()
        and wait_event_type = 'Lock'
        and query like '%apply_sign_in%'`)
  }
  await holder.query('rollback')
  holder.release()
  assert.deepEqual(
    (await outcomes).map((outcome) => (outcome.status === 'rejected' ? outcome.reason.code : outcome.value)),
    ['storage_unavailable', 'storage_unavailable'],
  )
  const { rows } = await pool.query('select count(*)::integer as count from account')
  assert.deepEqual(rows, [{ count: 0 }])
})
