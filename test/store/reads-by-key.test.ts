import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PoolClient } from 'pg'
import { uuidv7 } from 'uuidv7'
import type { Connection } from '../../src/directory/connection.ts'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { accountQueries } from '../../src/store/queries/account.ts'
import { logoutQueries } from '../../src/store/queries/logout.ts'
import { sessionQueries } from '../../src/store/queries/session.ts'
import { signInQueries } from '../../src/store/queries/sign-in.ts'
import { forEachDatabase } from '../support/databases.ts'
import {
  later,
  newConnection,
  newEvent,
  newHash,
  newLoginRequest,
  newLogout,
  newOrganization,
  newPerson,
  now,
  queryFor,
  writesFor,
} from './samples.ts'

/**
 * A statement is planned once, often when the tables are still small and nothing is known about them, and then runs on
 * large ones: it must go by a whole key from the beginning.
 */

const manyRows = 1000
/** Rows that one sign-in with its session may touch in one table. */
const fewRows = 40

type Step = <T>(name: string, work: Promise<T>) => Promise<T>

/** Everything that happens often, in the order of a person's day. */
async function liveOneDay(client: PoolClient, connection: Connection, step: Step): Promise<void> {
  const signIns = signInQueries(client)
  const sessions = sessionQueries(client)
  const logouts = logoutQueries(client)
  const accounts = accountQueries(client)
  const { organizationId } = connection
  const person = newPerson()
  const request = newLoginRequest(connection)
  await step('beginLoginRequest', signIns.beginLoginRequest(request))
  const handoff = { codeHash: newHash(), applicationId: 'portal', browserHash: newHash() }
  const state = await step('readSignInState', signIns.readSignInState(queryFor(connection, person, request.id)))
  const writes = {
    ...writesFor(connection, person, state),
    loginRequestId: request.id,
    handoff: { ...handoff, returnTo: '/', expiresAt: later(60) },
  }
  assert.equal(await step('applySignIn first', signIns.applySignIn(writes)), 'applied')
  const again = await step('readSignInState again', signIns.readSignInState(queryFor(connection, person)))
  const second = writesFor(connection, person, again)
  assert.equal(await step('applySignIn later', signIns.applySignIn(second)), 'applied')
  const session = { id: uuidv7(), tokenHash: newHash() }
  assert.ok(await step('redeemHandoff', sessions.redeemHandoff({ ...handoff, session, now })))
  const limits = { idleSeconds: 1800, absoluteSeconds: 36_000 }
  const at = { now: later(90), limits, applicationId: 'portal' }
  assert.ok(await step('findSession', sessions.findSession(session.tokenHash, at)))
  assert.ok(await step('findAccount', accounts.findAccount(organizationId, person.username)))
  const ended = await step('endSession', logouts.endSession(session.tokenHash, newLogout()))
  assert.ok(await step('findLogoutRequest', logouts.findLogoutRequest(ended?.id ?? '', now)))
  const answer = { organizationId, connectionId: connection.id, id: ended?.id ?? '', outcome: 'success', now } as const
  assert.ok(await step('completeLogoutRequest', logouts.completeLogoutRequest(answer)))
  const ending = {
    organizationId,
    connectionId: connection.id,
    request: { id: newHash(), rememberUntil: later(600) },
    nameId: person.subjectKey,
    sessionIndexes: [],
    event: newEvent(),
  }
  const byNameId = await step('endSessionsByNameId', logouts.endSessionsByNameId(ending))
  assert.deepEqual(byNameId, { sessionsEnded: 1, isKnown: true })
  const { id } = writes.account
  const suspension = { from: 'active', to: 'suspended' } as const
  await step('setAccountState', accounts.setAccountState(organizationId, id, suspension, newEvent()))
  assert.ok(await step('findAttempt', signIns.findAttempt(writes.attempt.id.slice(-12))))
}

/** Notes after each step the tables of which it read many rows. */
function measuring(client: PoolClient, found: Record<string, Readonly<Record<string, number>>>): Step {
  return async (name, work) => {
    const result = await work
    const read = await rowsRead(client)
    if (Object.keys(read).length > 0) found[name] = read
    return result
  }
}

/** Rows read since it was asked last, by table, where there were many. */
async function rowsRead(client: PoolClient): Promise<Readonly<Record<string, number>>> {
  const { rows } = await client.query<{ table: string; read: number }>(`
    select relname as "table", (seq_tup_read + coalesce(idx_tup_fetch, 0))::integer as read
    from pg_stat_xact_user_tables
    where seq_tup_read + coalesce(idx_tup_fetch, 0) > ${fewRows}`)
  // What was counted is handed over when the transaction of this statement ends.
  await client.query('select pg_stat_force_next_flush()')
  return Object.fromEntries(rows.map(({ table, read }) => [table, read]))
}

/** One large organization: people who have all signed in, and requests that are pending. */
async function grow(client: PoolClient, { organizationId, id }: Connection): Promise<void> {
  const grown = (columns: string) => `select ${columns} from generate_series(1, ${manyRows}) as n`
  const accountId = `('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid`
  const at = `timestamptz '${now.toISOString()}'`
  const end = `timestamptz '${later(600).toISOString()}'`
  const own = `'${organizationId}'`
  const over = `'${id}'`
  for (const sql of [
    `insert into account ${grown(`${own}, ${accountId}, 'p' || n, 'p' || n, 'active', null, null, '{}', ${at}, ${at}, ${at}, 1`)}`,
    `insert into identity ${grown(`${own}, ${over}, 's' || n, ${accountId}, ${at}`)}`,
    `insert into grant_set ${grown(`${own}, ${accountId}, 'role', 'manual', '{"manager": ["x", "2026-03-01T12:00:00Z"]}'`)}`,
    `insert into session ${grown(`${own}, ${accountId}, ${accountId}, ${over}, null, null, 't' || n, 'n' || n, null, 's', ${at}, ${at}, ${end}`)}`,
    `insert into handoff ${grown(`${own}, 'c' || n, ${accountId}, 'portal', 'b', '/', ${end}`)}`,
    `insert into login_request ${grown(`${own}, ${over}, 'r' || n, 'b' || n, '/', null, false, ${at}, ${end}`)}`,
    `insert into logout_request ${grown(`${own}, ${over}, 'l' || n, null, null, null, null, ${at}, ${end}`)}`,
    `insert into consumed_assertion ${grown(`${own}, ${over}, sha256(n::text::bytea), ${end}`)}`,
    `insert into sign_in_attempt ${grown(`${own}, ${accountId}, ${over}, ${at}, 'accepted', null, null, '[]'`)}`,
    `insert into audit_event ${grown(`${own}, ${accountId}, ${at}, 'cli', 'x', 'x', '{}'`)}`,
  ]) {
    await client.query(sql)
  }
}

forEachDatabase((kind, open) => {
  test(`statements planned on small tables read few rows of large ones (${kind})`, async (t) => {
    const { pool } = await open(t)
    await migrateSchema(pool)
    const directory = createDirectory(pool)
    const organization = newOrganization()
    const connection = newConnection(organization.id)
    await directory.createOrganization(organization, newEvent())
    await directory.createConnection(connection, newEvent())
    const client = await pool.connect()
    try {
      // From the sixth time on a plan is kept.
      for (let day = 0; day < 8; day += 1) await liveOneDay(client, connection, (_, work) => work)
      await grow(client, connection)
      await rowsRead(client)
      const found: Record<string, Readonly<Record<string, number>>> = {}
      await liveOneDay(client, connection, measuring(client, found))
      // It counts what is pending at the connection.
      const { beginLoginRequest, ...others } = found
      assert.deepEqual(others, {})
      assert.deepEqual(beginLoginRequest, { login_request: manyRows + 1 })
    } finally {
      client.release()
    }
  })
})
