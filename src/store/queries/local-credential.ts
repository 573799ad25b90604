import type { LocalAdministratorDirectory } from '../../directory/directory.ts'
import type { LocalHolder, PasskeyKey } from '../../directory/local-administrator.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

const replaceCodes = {
  name: 'recovery_code_replace',
  text: `
    with holder as (
      select organization_id, account_id
      from local_administrator
      where organization_id = $1
        and account_id = $2
    )
    select
      keep_recovery_codes(organization_id, account_id, $3::jsonb, $4),
      record_events(organization_id, $5::jsonb)
    from holder`,
}

const offer = {
  name: 'local_administrator_offer_enrolment',
  text: `
    with offered as (
      update local_administrator
      set enrolment_hash = $3, enrolment_expires_at = $4
      where organization_id = $1
        and account_id = $2
      returning organization_id
    )
    select record_events(offered.organization_id, $5::jsonb)
    from offered`,
}

const holderColumns = `
      account.organization_id as "organizationId",
      account.id as "accountId",
      account.username,
      account.state`

const holderOf = (table: string) => `
    join account on account.organization_id = ${table}.organization_id and account.id = ${table}.account_id`

const findEnrolment = {
  name: 'local_administrator_find_enrolment',
  text: `
    select ${holderColumns},
      array(
        select credential_id
        from passkey
        where passkey.organization_id = account.organization_id
          and passkey.account_id = account.id
      ) as "credentialIds"
    from local_administrator ${holderOf('local_administrator')}
    where enrolment_hash = $1
      and enrolment_expires_at > $2
      and account.state = 'active'`,
}

const add = {
  name: 'passkey_add',
  text: `
    select add_passkey($1::jsonb, $2::jsonb) as added`,
}

const remove = {
  name: 'passkey_remove',
  text: `
    select remove_passkey($1, $2, $3, $4::jsonb) as found`,
}

const holderJson = `
        'organizationId', account.organization_id,
        'accountId', account.id,
        'username', account.username,
        'state', account.state`

/** User names are unique in an organization, so of several who are named alike the oldest account. */
const findCode = {
  name: 'recovery_code_find',
  text: `
    select
      (
        select json_build_object(${holderJson}, 'usedAt', used_at)
        from recovery_code ${holderOf('recovery_code')}
        where code_hash = $1
      ) as found,
      (
        select json_build_object(${holderJson})
        from account
        where username_key = $2
          and is_local(id)
        order by id
        limit 1
      ) as named`,
}

interface CodeRow {
  readonly found: (LocalHolder & { readonly usedAt: string | null }) | null
  readonly named: LocalHolder | null
}

const findPasskey = {
  name: 'passkey_find',
  text: `
    select ${holderColumns}, name, public_key as "publicKey", counter::float8 as counter
    from passkey ${holderOf('passkey')}
    where credential_id = $1`,
}

type CredentialQueries = Omit<
  LocalAdministratorDirectory,
  | 'createLocalAdministrator'
  | 'listLocalAdministrators'
  | 'findLocalAdministrator'
  | 'removeLocalAdministrator'
  | 'enterLocally'
>

function checkLocal(rows: readonly unknown[], accountId: string): void {
  if (rows.length === 0) throw new LatchkeyError('account_not_local', { arrived: accountId })
}

export function localCredentialQueries(db: Queryable): CredentialQueries {
  return {
    async replaceRecoveryCodes({ organizationId, accountId }, codes, event) {
      const values = [organizationId, accountId, JSON.stringify(codes), event.at, JSON.stringify([event])]
      checkLocal(await run(db, replaceCodes, values), accountId)
    },
    async offerEnrolment({ organizationId, accountId }, { codeHash, expiresAt }, event) {
      const values = [organizationId, accountId, codeHash, expiresAt, JSON.stringify([event])]
      checkLocal(await run(db, offer, values), accountId)
    },
    async findEnrolment(codeHash, now) {
      const rows = await run<LocalHolder & { credentialIds: readonly string[] }>(db, findEnrolment, [codeHash, now])
      return rows[0]
    },
    async addPasskey(passkey, event) {
      const [row] = await run<{ added: boolean }>(db, add, [JSON.stringify(passkey), JSON.stringify(event)])
      return row?.added === true
    },
    async removePasskey({ organizationId, accountId }, credentialId, event) {
      const values = [organizationId, accountId, credentialId, JSON.stringify(event)]
      const [row] = await run<{ found: boolean }>(db, remove, values)
      if (row?.found !== true) throw new LatchkeyError('passkey_not_found', { arrived: credentialId.slice(0, 100) })
    },
    async findRecoveryCode({ codeHash, usernameKey }) {
      const [row] = await run<CodeRow & Record<string, unknown>>(db, findCode, [codeHash, usernameKey])
      const named = row?.named ? { named: row.named } : {}
      if (!row?.found) return named
      const { usedAt, ...holder } = row.found
      return { holder, ...(usedAt !== null && { usedAt: new Date(usedAt) }), ...named }
    },
    async findPasskey(credentialId) {
      const rows = await run<LocalHolder & PasskeyKey & { name: string }>(db, findPasskey, [credentialId])
      return rows[0]
    },
  }
}
