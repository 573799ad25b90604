import type { Housekeeping } from '../../directory/directory.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run, type Statement } from '../statement.ts'

/** Rows one statement removes: short enough that a sign-in waiting behind it does not notice. */
const batchRows = 1000

/** Rows that somebody else holds at this moment are left for the next time. */
function pruneStatement(table: string, expired: string): Statement {
  return {
    name: `prune_${table}`,
    text: `
    with removed as (
      delete from ${table}
      where ctid = any (
        array(
          select ctid
          from ${table}
          where ${expired}
          limit ${batchRows}
          for update skip locked
        )
      )
      returning 1
    )
    select count(*)::integer as removed
    from removed`,
  }
}

type Removed =
  | 'pendingAccounts'
  | 'loginRequests'
  | 'testSignIns'
  | 'setUps'
  | 'linkRequests'
  | 'logoutRequests'
  | 'consumedAssertions'
  | 'handoffs'
  | 'sessions'
  | 'attempts'

const prune: Readonly<Record<Removed, Statement>> = {
  // With all that hangs on them: they never had access, and whoever comes again asks again.
  pendingAccounts: pruneStatement('account', "state = 'pending' and approval_expires_at <= $1"),
  loginRequests: pruneStatement('login_request', 'expires_at <= $1'),
  testSignIns: pruneStatement('test_sign_in', 'expires_at <= $1'),
  // Whoever comes late is told so, for a day.
  setUps: pruneStatement('set_up', "expires_at <= $1::timestamptz - interval '1 day'"),
  linkRequests: pruneStatement('link_request', 'expires_at <= $1'),
  logoutRequests: pruneStatement('logout_request', 'expires_at <= $1'),
  consumedAssertions: pruneStatement('consumed_assertion', 'remember_until <= $1'),
  handoffs: pruneStatement('handoff', 'expires_at <= $1'),
  // Its children end no later: they carry its expiry.
  sessions: pruneStatement('session', 'expires_at <= $1'),
  attempts: pruneStatement('sign_in_attempt', 'at < $1'),
}

const check = { name: 'check_storage', text: 'select 1' }

async function removeAll(db: Queryable, statement: Statement, before: Date): Promise<number> {
  let total = 0
  for (;;) {
    const [row] = await run<{ removed: number }>(db, statement, [before])
    const removed = row?.removed ?? 0
    total += removed
    if (removed < batchRows) return total
  }
}

export function housekeepingQueries(db: Queryable): Housekeeping {
  return {
    async pruneExpired(now, attemptsBefore) {
      const removed: Record<Removed, number> = {
        pendingAccounts: await removeAll(db, prune.pendingAccounts, now),
        loginRequests: await removeAll(db, prune.loginRequests, now),
        testSignIns: await removeAll(db, prune.testSignIns, now),
        setUps: await removeAll(db, prune.setUps, now),
        linkRequests: await removeAll(db, prune.linkRequests, now),
        logoutRequests: await removeAll(db, prune.logoutRequests, now),
        consumedAssertions: await removeAll(db, prune.consumedAssertions, now),
        handoffs: await removeAll(db, prune.handoffs, now),
        sessions: await removeAll(db, prune.sessions, now),
        attempts: await removeAll(db, prune.attempts, attemptsBefore),
      }
      return removed
    },
    async checkStorage() {
      try {
        await run(db, check)
      } catch (error) {
        throw new LatchkeyError('storage_unavailable', { check: 'database' }, { cause: error })
      }
    },
  }
}
