import type { SessionDirectory } from '../../directory/directory.ts'
import type { Session } from '../../directory/session.ts'
import { type Queryable, run } from '../statement.ts'
import { type AccountRow, type GrantRow, grantsColumn, toAccount, toGrant } from './account.ts'

/**
 * Read and touch in one statement. Using an application's session keeps the session it hangs on alive too. A row that
 * somebody else is touching at this moment is left to them.
 */
const find = {
  name: 'session_find',
  text: `
    with found as (
      select session.*
      from session
      left join session as parent
        on parent.organization_id = session.organization_id
        and parent.id = session.parent_id
      join account
        on account.organization_id = session.organization_id
        and account.id = session.account_id
      where session.token_hash = $1
        and session.application_id is not distinct from $2
        and session.expires_at > $3
        and session.last_seen_at > $4
        and (parent.id is null or parent.expires_at > $3 and parent.last_seen_at > $4)
        and coalesce(parent.created_at, session.created_at) > $5
        and account.state = 'active'
        and (account.expires_at is null or account.expires_at > $3)
    ), unseen as (
      select session.organization_id, session.id
      from session
      join found
        on session.organization_id = found.organization_id
        and session.id in (found.id, found.parent_id)
      where session.last_seen_at <= $6
      for update of session skip locked
    ), touched as (
      update session
      set last_seen_at = $3
      from unseen
      where session.organization_id = unseen.organization_id
        and session.id = unseen.id
      returning session.id, session.last_seen_at
    )
    select
      found.organization_id as "organizationId",
      found.id,
      found.account_id as "accountId",
      found.connection_id as "connectionId",
      found.application_id as "applicationId",
      found.created_at as "createdAt",
      coalesce(touched.last_seen_at, found.last_seen_at) as "lastSeenAt",
      found.expires_at as "expiresAt",
      to_jsonb(account) as account,
      ${grantsColumn}
    from found
    left join touched on touched.id = found.id
    join account
      on account.organization_id = found.organization_id
      and account.id = found.account_id`,
}

const createHandoff = {
  name: 'handoff_create',
  text: `
    insert into handoff (organization_id, code_hash, session_id, application_id, browser_hash, return_to, expires_at)
    values ($1, $2, $3, $4, $5, $6, $7)`,
}

const redeemHandoff = {
  name: 'handoff_redeem',
  text: `
    select return_to as "returnTo", expires_at as "expiresAt"
    from redeem_handoff($1, $2, $3, $4, $5, $6)`,
}

/** What hangs on it goes with it: the key of the table says so. */
const end = {
  name: 'session_end',
  text: `
    delete from session
    where (organization_id, id) in (
      select organization_id, coalesce(parent_id, id)
      from session
      where token_hash = $1
    )`,
}

interface HolderRow extends Omit<Session, 'applicationId'> {
  readonly applicationId: string | null
  readonly account: AccountRow
  readonly grants: readonly GrantRow[]
}

const touchEveryMilliseconds = 60_000

const before = (now: Date, milliseconds: number): Date => new Date(now.getTime() - milliseconds)

export function sessionQueries(db: Queryable): SessionDirectory {
  return {
    async findSession(tokenHash, { applicationId, now, limits }) {
      const [row] = await run<HolderRow>(db, find, [
        tokenHash,
        applicationId ?? null,
        now,
        before(now, limits.idleSeconds * 1000),
        before(now, limits.absoluteSeconds * 1000),
        before(now, touchEveryMilliseconds),
      ])
      if (!row) return undefined
      const { account, grants, applicationId: application, ...session } = row
      return {
        session: { ...session, ...(application !== null && { applicationId: application }) },
        account: toAccount(account),
        grants: grants.map(toGrant),
      }
    },
    async createHandoff(handoff) {
      const { organizationId, codeHash, sessionId, applicationId, browserHash, returnTo, expiresAt } = handoff
      await run(db, createHandoff, [
        organizationId,
        codeHash,
        sessionId,
        applicationId,
        browserHash,
        returnTo,
        expiresAt,
      ])
    },
    async redeemHandoff({ codeHash, applicationId, browserHash, session, now }) {
      const values = [codeHash, applicationId, browserHash, session.id, session.tokenHash, now]
      return (await run<{ returnTo: string; expiresAt: Date }>(db, redeemHandoff, values))[0]
    },
    async endSession(tokenHash) {
      await run(db, end, [tokenHash])
    },
  }
}
