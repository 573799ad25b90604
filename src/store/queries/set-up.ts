import { createHash } from 'node:crypto'
import type { SetUpDirectory } from '../../directory/directory.ts'
import type { SetUp } from '../../directory/set-up.ts'
import { type Queryable, run } from '../statement.ts'
import { type AccountRow, toAccount } from './account.ts'
import { applyOnce } from './apply-once.ts'

const find = {
  name: 'set_up_find',
  text: `
    select row_to_json(waiting) as "setUp", row_to_json(account) as account, opened.expires_at as "sessionExpiresAt"
    from set_up waiting
    join account on account.organization_id = waiting.organization_id
      and account.id = waiting.account_id
    left join session opened on opened.organization_id = waiting.organization_id
      and opened.id = waiting.session_id
    where waiting.ticket_hash = $1
      and waiting.connection_id = $2`,
}

const complete = {
  name: 'set_up_complete',
  text: `
    select complete_set_up($1::jsonb)`,
}

const listTaken = {
  name: 'set_up_list_taken',
  text: `
    select distinct held.field
    from account_unique_value held
    join jsonb_to_recordset($3::jsonb) as wanted (field text, hash text)
      on held.field = wanted.field
      and held.value_hash = decode(wanted.hash, 'hex')
    where held.organization_id = $1
      and held.account_id <> $2`,
}

interface FoundRow {
  readonly setUp: SetUpRow
  readonly account: AccountRow
  readonly sessionExpiresAt: Date | null
}

interface SetUpRow {
  readonly organization_id: string
  readonly ticket_hash: string
  readonly connection_id: string
  readonly account_id: string
  readonly session_id: string
  readonly browser_hash: string
  readonly return_to: string
  readonly fields: readonly string[]
  readonly expires_at: string
  readonly done_at: string | null
}

function toSetUp(row: SetUpRow): SetUp {
  return {
    organizationId: row.organization_id,
    connectionId: row.connection_id,
    ticketHash: row.ticket_hash,
    accountId: row.account_id,
    sessionId: row.session_id,
    browserHash: row.browser_hash,
    returnTo: row.return_to,
    fields: row.fields,
    expiresAt: new Date(row.expires_at),
    ...(row.done_at !== null && { doneAt: new Date(row.done_at) }),
  }
}

export function setUpQueries(db: Queryable): SetUpDirectory {
  return {
    async findSetUp({ connectionId, ticketHash }) {
      const [row] = await run<FoundRow & Record<string, unknown>>(db, find, [ticketHash, connectionId])
      if (row === undefined) return undefined
      const { setUp, account, sessionExpiresAt } = row
      return {
        setUp: toSetUp(setUp),
        account: toAccount(account),
        ...(sessionExpiresAt !== null && { session: { expiresAt: sessionExpiresAt } }),
      }
    },
    completeSetUp: (writes) => applyOnce(db, complete, JSON.stringify(writes)),
    async listTakenFields({ organizationId, accountId, fields, uniqueFields = [] }) {
      const wanted = uniqueFields.flatMap((field) =>
        (fields[field]?.values ?? []).map((value) => ({ field, hash: sha256(value) })),
      )
      const rows = await run<{ field: string }>(db, listTaken, [organizationId, accountId, JSON.stringify(wanted)])
      return rows.map(({ field }) => field)
    },
  }
}

/** As `keep_unique_values` hashes. */
function sha256(value: string): string {
  return createHash('sha256').update(value, 'utf8').digest('hex')
}
