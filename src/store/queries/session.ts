import type { SessionDirectory } from '../../directory/directory.ts'
import type { Session } from '../../directory/session.ts'
import { type Queryable, run } from '../statement.ts'
import { type AccountRow, toAccount } from './account.ts'
import { type GrantRow, toGrants } from './grants.ts'

/** Reads and touches in one call. */
const find = {
  name: 'session_find',
  text: `
    select find_session($1, $2, $3, $4, $5, $6) as holder`,
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

/** As `find_session` gives it. */
interface HolderRow {
  readonly session: SessionRow
  readonly account: AccountRow
  readonly grants: readonly GrantRow[] | null
}

interface SessionRow {
  readonly organization_id: string
  readonly id: string
  readonly account_id: string
  readonly connection_id: string
  readonly application_id: string | null
  readonly created_at: string
  readonly last_seen_at: string
  readonly expires_at: string
}

function toSession(row: SessionRow): Session {
  return {
    organizationId: row.organization_id,
    id: row.id,
    accountId: row.account_id,
    connectionId: row.connection_id,
    ...(row.application_id !== null && { applicationId: row.application_id }),
    createdAt: new Date(row.created_at),
    lastSeenAt: new Date(row.last_seen_at),
    expiresAt: new Date(row.expires_at),
  }
}

const touchEveryMilliseconds = 60_000

const before = (now: Date, milliseconds: number): Date => new Date(now.getTime() - milliseconds)

export function sessionQueries(db: Queryable): SessionDirectory {
  return {
    async findSession(tokenHash, { applicationId, now, limits }) {
      const [row] = await run<{ holder: HolderRow | null }>(db, find, [
        tokenHash,
        applicationId ?? null,
        now,
        before(now, limits.idleSeconds * 1000),
        before(now, limits.absoluteSeconds * 1000),
        before(now, touchEveryMilliseconds),
      ])
      if (!row?.holder) return undefined
      const { session, account, grants } = row.holder
      return { session: toSession(session), account: toAccount(account), grants: toGrants(grants) }
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
  }
}
