import type { TestSignInDirectory } from '../../directory/directory.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

const create = {
  name: 'test_sign_in_create',
  text: `
    with created as (
      insert into test_sign_in (organization_id, connection_id, code_hash, expires_at)
      select organization_id, id, $3, $4
      from connection
      where organization_id = $1
        and id = $2
      returning organization_id
    )
    select record_events(created.organization_id, $5::jsonb)
    from created`,
}

const redeem = {
  name: 'test_sign_in_redeem',
  text: `
    delete from test_sign_in
    where code_hash = $1
      and connection_id = $2
      and expires_at > $3
    returning 1`,
}

const find = {
  name: 'test_sign_in_find',
  text: `
    select exists (
      select
      from test_sign_in
      where code_hash = $1
        and connection_id = $2
        and expires_at > $3
    ) as found`,
}

/** Requests of one browser are few: the index gives them all. */
const isTesting = {
  name: 'test_sign_in_is_testing',
  text: `
    select exists (
      select
      from login_request
      where browser_hash = $1
        and connection_id = $2
        and expires_at > $3
        and starts_with(id, $4)
    ) as testing`,
}

export function testSignInQueries(db: Queryable): TestSignInDirectory {
  return {
    async createTestSignIn({ organizationId, connectionId, codeHash, expiresAt }, event) {
      const values = [organizationId, connectionId, codeHash, expiresAt, JSON.stringify([event])]
      const rows = await run(db, create, values)
      if (rows.length === 0) throw new LatchkeyError('connection_not_found', { arrived: connectionId })
    },
    async findTestSignIn({ connectionId, codeHash }, now) {
      const [row] = await run<{ found: boolean }>(db, find, [codeHash, connectionId, now])
      return row?.found === true
    },
    async redeemTestSignIn({ connectionId, codeHash }, now) {
      return (await run(db, redeem, [codeHash, connectionId, now])).length > 0
    },
    async isBrowserTesting({ connectionId, browserHash, requestPrefix }, now) {
      const [row] = await run<{ testing: boolean }>(db, isTesting, [browserHash, connectionId, now, requestPrefix])
      return row?.testing === true
    },
  }
}
