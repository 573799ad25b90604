import { normalForm } from '../../directory/account.ts'
import type { LocalAdministratorDirectory } from '../../directory/directory.ts'
import type { LocalAdministrator, LocalEntry } from '../../directory/local-administrator.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run, runUnlessStale } from '../statement.ts'
import { asUuid } from './account.ts'
import { toGrantRows } from './grants.ts'
import { localCredentialQueries } from './local-credential.ts'

const create = {
  name: 'local_administrator_create',
  text: `
    select create_local_administrator($1::jsonb, $2::jsonb)`,
}

const list = {
  name: 'local_administrator_list',
  text: `
    select
      account.organization_id as "organizationId",
      account.id as "accountId",
      account.username,
      account.state,
      account.created_at as "createdAt",
      account.last_sign_in_at as "lastSignInAt",
      local_administrator.enrolment_expires_at as "enrolmentExpiresAt",
      (
        select coalesce(json_agg(json_build_object(
          'number', number,
          'createdAt', created_at,
          'usedAt', used_at
        ) order by number), '[]')
        from recovery_code
        where recovery_code.organization_id = account.organization_id
          and recovery_code.account_id = account.id
      ) as codes,
      (
        select coalesce(json_agg(json_build_object(
          'credentialId', credential_id,
          'name', name,
          'isSynced', is_synced,
          'createdAt', created_at,
          'lastUsedAt', last_used_at
        ) order by created_at, credential_id), '[]')
        from passkey
        where passkey.organization_id = account.organization_id
          and passkey.account_id = account.id
      ) as passkeys
    from local_administrator
    join account
      on account.organization_id = local_administrator.organization_id
      and account.id = local_administrator.account_id
    where local_administrator.organization_id = $1
      and ($2::text is null or account.username_key = $2 or account.id = $3)
    order by account.username_key`,
}

const remove = {
  name: 'local_administrator_remove',
  text: `
    select remove_local_administrator($1, $2, $3::jsonb) as found`,
}

const enter = {
  name: 'local_administrator_enter',
  text: `
    select enter_locally($1::jsonb) as "codesLeft"`,
}

interface Row extends Pick<LocalAdministrator, 'organizationId' | 'accountId' | 'username' | 'state' | 'createdAt'> {
  readonly lastSignInAt: Date | null
  readonly enrolmentExpiresAt: Date | null
  readonly codes: readonly { number: number; createdAt: string; usedAt: string | null }[]
  readonly passkeys: readonly {
    credentialId: string
    name: string
    isSynced: boolean
    createdAt: string
    lastUsedAt: string | null
  }[]
}

function toLocalAdministrator({ lastSignInAt, enrolmentExpiresAt, codes, passkeys, ...rest }: Row): LocalAdministrator {
  return {
    ...rest,
    ...(lastSignInAt !== null && { lastSignInAt }),
    ...(enrolmentExpiresAt !== null && { enrolmentExpiresAt }),
    codes: codes.map(({ number, createdAt, usedAt }) => ({
      number,
      createdAt: new Date(createdAt),
      ...(usedAt !== null && { usedAt: new Date(usedAt) }),
    })),
    passkeys: passkeys.map(({ createdAt, lastUsedAt, ...passkey }) => ({
      ...passkey,
      createdAt: new Date(createdAt),
      ...(lastUsedAt !== null && { lastUsedAt: new Date(lastUsedAt) }),
    })),
  }
}

async function enterLocally(db: Queryable, entry: LocalEntry): Promise<{ readonly codesLeft: number } | 'stale'> {
  const rows = await runUnlessStale<{ codesLeft: number }>(db, enter, [JSON.stringify(entry)])
  return rows === 'stale' ? rows : (rows[0] ?? 'stale')
}

export function localAdministratorQueries(db: Queryable): LocalAdministratorDirectory {
  return {
    ...localCredentialQueries(db),
    async createLocalAdministrator(wanted, event) {
      const usernameKey = normalForm(wanted.username)
      const values = { ...wanted, usernameKey, grants: toGrantRows(wanted.grants) }
      await run(db, create, [JSON.stringify(values), JSON.stringify(event)])
    },
    async listLocalAdministrators(organizationId) {
      return (await run<Row>(db, list, [organizationId, null, null])).map(toLocalAdministrator)
    },
    async findLocalAdministrator(organizationId, usernameOrId) {
      const values = [organizationId, normalForm(usernameOrId), asUuid(usernameOrId)]
      const [row] = await run<Row>(db, list, values)
      return row && toLocalAdministrator(row)
    },
    async removeLocalAdministrator({ organizationId, accountId }, event) {
      const [row] = await run<{ found: boolean }>(db, remove, [organizationId, accountId, JSON.stringify(event)])
      if (row?.found !== true) throw new LatchkeyError('account_not_local', { arrived: accountId })
    },
    enterLocally: (entry) => enterLocally(db, entry),
  }
}
