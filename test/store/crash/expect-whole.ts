import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import type { Acknowledged } from './sign-in-storm.ts'

/** Asserts that every acknowledged sign-in is there with all its parts, and that no sign-in is there in part. */
export async function expectWhole(pool: Pool, acknowledged: readonly Acknowledged[]): Promise<void> {
  const missing = async (table: string, column: string, type: string, values: readonly unknown[]) => {
    const { rows } = await pool.query(
      `select wanted from unnest($1::${type}[]) as wanted except select ${column} from ${table}`,
      [values],
    )
    assert.deepEqual(rows, [], `acknowledged, but not in ${table}`)
  }
  const parts = <Key extends keyof Acknowledged>(key: Key) => acknowledged.map((each) => each[key])
  await missing('account', 'id', 'uuid', parts('accountId'))
  await missing('identity', 'account_id', 'uuid', parts('accountId'))
  await missing('account_grant', 'account_id', 'uuid', parts('accountId'))
  await missing('session', 'id', 'uuid', parts('sessionId'))
  await missing('audit_event', 'id', 'uuid', parts('auditEventId'))
  await missing('sign_in_attempt', 'id', 'uuid', parts('attemptId'))
  const hashes = parts('assertionId').map((id) => createHash('sha256').update(id).digest())
  await missing('consumed_assertion', 'assertion_hash', 'bytea', hashes)

  const { rows } = await pool.query(`
    select
      (select count(*)::int from account) as accounts,
      (select count(*)::int from identity) as identities,
      (select count(*)::int / 2 from account_grant) as grants,
      (select count(*)::int from session) as sessions,
      (select count(*)::int from consumed_assertion) as assertions,
      (select count(*)::int from sign_in_attempt) as attempts,
      (select count(*)::int from audit_event where action like 'account.%') as events`)
  const { accounts, identities, grants, sessions, assertions, attempts, events } = rows[0]
  assert.deepEqual([identities, grants], [accounts, accounts], 'an account without its parts')
  assert.deepEqual([assertions, attempts, events], [sessions, sessions, sessions], 'a sign-in without its parts')
  assert.ok(sessions >= acknowledged.length)
}
