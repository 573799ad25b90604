import { type Account, type FieldValue, normalForm } from '../../directory/account.ts'
import type { AccountDirectory } from '../../directory/directory.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run, runUnlessStale } from '../statement.ts'
import { type GrantRow, toGrantRows, toGrants, toRemovedNames } from './grants.ts'

/** By id before user name: a user name that looks like another account's id finds nothing it should not. */
const find = {
  name: 'account_find',
  text: `
    select
      to_jsonb(account) as account,
      grants_of(account.organization_id, account.id) as grants
    from account
    where organization_id = $1
      and id = coalesce(
        (select id from account where organization_id = $1 and id = $3),
        (select id from account where organization_id = $1 and username_key = $2)
      )`,
}

const list = {
  name: 'account_list',
  text: `
    select to_jsonb(account) as account
    from account
    where organization_id = $1
      and username_key > $2
      and ($4::text is null or state = $4)
    order by username_key
    limit $3`,
}

const setState = {
  name: 'account_set_state',
  text: `
    select set_account_state($1, $2, $3, $4, $5, $6::jsonb)::integer as "sessionsEnded"`,
}

const changeRole = {
  name: 'account_change_role',
  text: `
    select change_role_by_hand($1, $2, $3::jsonb, $4::jsonb, $5::jsonb) as found`,
}

/** As `to_jsonb` gives it. */
export interface AccountRow {
  readonly organization_id: string
  readonly id: string
  readonly username: string
  readonly state: Account['state']
  readonly expires_at: string | null
  readonly ends_by_type: boolean
  readonly approval_expires_at: string | null
  readonly fields: Readonly<Record<string, Omit<FieldValue, 'since'> & { readonly since: string }>>
  readonly created_at: string
  readonly updated_at: string
  readonly last_sign_in_at: string | null
  readonly version: number
}

export function toAccount(row: AccountRow): Account {
  return {
    organizationId: row.organization_id,
    id: row.id,
    username: row.username,
    state: row.state,
    ...(row.expires_at !== null && { expiresAt: new Date(row.expires_at) }),
    ...(row.ends_by_type && { endsByType: true }),
    ...(row.approval_expires_at !== null && { approvalExpiresAt: new Date(row.approval_expires_at) }),
    fields: Object.fromEntries(
      Object.entries(row.fields).map(([name, field]) => [name, { ...field, since: new Date(field.since) }]),
    ),
    createdAt: new Date(row.created_at),
    updatedAt: new Date(row.updated_at),
    ...(row.last_sign_in_at !== null && { lastSignInAt: new Date(row.last_sign_in_at) }),
    version: row.version,
  }
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

/** The text when it is a UUID; anything else would be refused by the column's type. */
export function asUuid(text: string): string | null {
  return uuidPattern.test(text) ? text : null
}

async function changeRoleByHand(db: Queryable, values: readonly string[]): Promise<void> {
  const [row] = await run<{ found: boolean }>(db, changeRole, [...values])
  if (row?.found !== true) throw new LatchkeyError('account_not_found', { arrived: values[1] ?? '' })
}

export function accountQueries(db: Queryable): AccountDirectory {
  return {
    async findAccount(organizationId, usernameOrId) {
      const values = [organizationId, normalForm(usernameOrId), asUuid(usernameOrId)]
      const [row] = await run<{ account: AccountRow; grants: readonly GrantRow[] | null }>(db, find, values)
      return row && { account: toAccount(row.account), grants: toGrants(row.grants) }
    },
    async listAccounts(organizationId, { limit, after, state }) {
      const values = [organizationId, normalForm(after ?? ''), limit, state ?? null]
      const rows = await run<{ account: AccountRow }>(db, list, values)
      return rows.map((row) => toAccount(row.account))
    },
    grantRole: (organizationId, accountId, grant, event) =>
      changeRoleByHand(db, [
        organizationId,
        accountId,
        '[]',
        JSON.stringify(toGrantRows([grant])),
        JSON.stringify(event),
      ]),
    revokeRole: (organizationId, accountId, grant, event) =>
      changeRoleByHand(db, [
        organizationId,
        accountId,
        JSON.stringify(toRemovedNames([grant])),
        '[]',
        JSON.stringify(event),
      ]),
    async setAccountState(organizationId, accountId, { from, to }, event) {
      const values = [organizationId, asUuid(accountId), from, to, event.at, JSON.stringify(event)]
      const rows = await runUnlessStale<{ sessionsEnded: number | null }>(db, setState, values)
      if (rows === 'stale') return rows
      const sessionsEnded = rows[0]?.sessionsEnded ?? null
      if (sessionsEnded === null) throw new LatchkeyError('account_not_found', { arrived: accountId })
      return { sessionsEnded }
    },
  }
}
