import type { NoticeDirectory } from '../../directory/directory.ts'
import type { ApprovalNote, LeasedNotice } from '../../directory/notice.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'
import { asUuid } from './account.ts'

const keep = {
  name: 'notice_keep',
  text: `
    select keep_notice($1::jsonb)`,
}

/** Those that are due, the oldest first; rows that another node is taking are its own. */
const lease = {
  name: 'notice_lease',
  text: `
    with due as (
      select organization_id, id
      from notice
      where next_attempt_at <= $1
      order by next_attempt_at, id
      limit $3
      for update skip locked
    )
    update notice
    set next_attempt_at = $2, attempts = attempts + 1
    from due
    where notice.organization_id = due.organization_id
      and notice.id = due.id
    returning
      notice.organization_id as "organizationId",
      notice.id,
      notice.kind,
      notice.at,
      notice.content,
      notice.attempts`,
}

const settle = {
  name: 'notice_settle',
  text: `
    delete from notice
    where organization_id = $1
      and id = $2`,
}

const postpone = {
  name: 'notice_postpone',
  text: `
    update notice
    set next_attempt_at = $3, last_error = $4
    where organization_id = $1
      and id = $2`,
}

const measure = {
  name: 'notice_measure',
  text: `
    select
      (select count(*)::integer from account where approval_expires_at is not null) as accounts,
      (select count(*)::integer from notice) as notices`,
}

const writeNote = {
  name: 'approval_note_write',
  text: `
    select write_approval_note($1, $2, $3, $4::jsonb) as written`,
}

const findNotes = {
  name: 'approval_note_find',
  text: `
    select account_id as "accountId", text, written_at as "writtenAt", is_final as "isFinal"
    from approval_note
    where organization_id = $1
      and account_id = any ($2::uuid[])`,
}

export function noticeQueries(db: Queryable): NoticeDirectory {
  return {
    async keepNotice(notice) {
      await run(db, keep, [JSON.stringify(notice)])
    },
    leaseNotices: ({ now, leasedUntil }, limit) =>
      run<LeasedNotice & Record<string, unknown>>(db, lease, [now, leasedUntil, limit]),
    async settleNotice({ organizationId, id }) {
      await run(db, settle, [organizationId, id])
    },
    async postponeNotice({ organizationId, id }, until, reason) {
      await run(db, postpone, [organizationId, id, until, reason])
    },
    async measureWaiting() {
      const [row] = await run<{ accounts: number; notices: number }>(db, measure)
      return { accounts: row?.accounts ?? 0, notices: row?.notices ?? 0 }
    },
    async writeApprovalNote({ organizationId, accountId, text }, event) {
      const values = [organizationId, asUuid(accountId), text, JSON.stringify(event)]
      const [row] = await run<{ written: boolean | null }>(db, writeNote, values)
      const written = row?.written ?? null
      if (written === null) throw new LatchkeyError('account_not_pending', { arrived: accountId })
      if (!written) throw new LatchkeyError('approval_note_final', { wanted: 'a text that was not changed yet' })
    },
    async findApprovalNotes(organizationId, accountIds) {
      const rows = await run<ApprovalNote & { accountId: string }>(db, findNotes, [organizationId, accountIds])
      return new Map(rows.map(({ accountId, ...note }) => [accountId, note]))
    },
  }
}
