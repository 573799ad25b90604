import type { ReplayDirectory } from '../../directory/directory.ts'
import type { RoleHolder, SignInInput } from '../../directory/replay.ts'
import { type Queryable, run } from '../statement.ts'
import { type GrantRow, toGrants } from './grants.ts'
import { type StateRow, toState } from './sign-in.ts'

/** An account may have been removed meanwhile, and another process may have kept a later one. */
const keep = {
  name: 'input_keep',
  text: `
    insert into sign_in_input (organization_id, connection_id, account_id, attempt_id, at, sealed)
    select given."organizationId", given."connectionId", given."accountId", given."attemptId", given.at, given.sealed
    from json_to_recordset($1::json) as given (
      "organizationId" text, "connectionId" text, "accountId" uuid, "attemptId" uuid, at timestamptz, sealed text
    )
    where exists (
      select
      from account
      where account.organization_id = given."organizationId"
        and account.id = given."accountId"
    )
    order by given."organizationId", given."connectionId", given."accountId"
    on conflict (organization_id, connection_id, account_id) do update
    set
      attempt_id = excluded.attempt_id,
      at = excluded.at,
      sealed = excluded.sealed
    where sign_in_input.at < excluded.at`,
}

const columns = `
      organization_id as "organizationId",
      connection_id as "connectionId",
      account_id as "accountId",
      attempt_id as "attemptId",
      at,
      sealed`

const list = {
  name: 'input_list',
  text: `
    select ${columns}
    from sign_in_input
    where organization_id = $1
      and connection_id = $2
      and account_id > $3
    order by account_id
    limit $4`,
}

const count = {
  name: 'input_count',
  text: `
    select count(*)::integer as count
    from sign_in_input
    where organization_id = $1
      and connection_id = $2`,
}

const find = {
  name: 'input_find',
  text: `
    select ${columns}
    from sign_in_input
    where organization_id = $1
      and connection_id = $2
      and account_id = $3`,
}

const prune = {
  name: 'input_prune',
  text: `
    delete from sign_in_input
    where at < $1`,
}

const holders = {
  name: 'input_role_holders',
  text: `
    select
      id as "accountId",
      username,
      (
        select json_agg(json_build_object('kind', kind, 'source', source, 'held', held))
        from grant_set
        where grant_set.organization_id = account.organization_id
          and grant_set.account_id = account.id
          and kind = 'role'
      ) as grants,
      exists (
        select
        from sign_in_input
        where sign_in_input.organization_id = account.organization_id
          and sign_in_input.connection_id = $2
          and sign_in_input.account_id = account.id
      ) as "isKept"
    from account
    where organization_id = $1
      and id > $3
      and state in ('active', 'pending')
      and exists (
        select
        from identity
        where identity.organization_id = account.organization_id
          and identity.account_id = account.id
          and connection_id = $2
      )
    order by id
    limit $4`,
}

/** The very reading of a sign-in, for many people in one round trip. */
const readStates = {
  name: 'input_read_states',
  text: `
    select read_sign_in_state($1, $2, given.subject, given.username, null) as state
    from unnest($3::text[], $4::text[]) with ordinality as given (subject, username, position)
    order by given.position`,
}

type HolderRow = Record<string, unknown> & Omit<RoleHolder, 'roles'> & { readonly grants: readonly GrantRow[] | null }

const firstId = '00000000-0000-0000-0000-000000000000'

export function replayQueries(db: Queryable): ReplayDirectory {
  return {
    async keepSignInInputs(inputs) {
      await run(db, keep, [JSON.stringify(inputs)])
    },
    listSignInInputs({ organizationId, id }, { after, limit }) {
      return run<SignInInput & Record<string, unknown>>(db, list, [organizationId, id, after ?? firstId, limit])
    },
    async countSignInInputs({ organizationId, id }) {
      const [row] = await run<{ count: number }>(db, count, [organizationId, id])
      return row?.count ?? 0
    },
    async findSignInInput({ organizationId, id }, accountId) {
      const [row] = await run<SignInInput & Record<string, unknown>>(db, find, [organizationId, id, accountId])
      return row
    },
    async pruneSignInInputs(before) {
      await run(db, prune, [before])
    },
    async listRoleHolders({ organizationId, id }, { after, limit }) {
      const rows = await run<HolderRow>(db, holders, [organizationId, id, after ?? firstId, limit])
      return rows.map(({ grants, ...holder }) => ({ ...holder, roles: toGrants(grants) }))
    },
    async readSignInStates({ organizationId, id }, keys) {
      const subjects = keys.map(({ subjectKey }) => subjectKey)
      const usernames = keys.map(({ usernameKey }) => usernameKey)
      const rows = await run<{ state: StateRow }>(db, readStates, [organizationId, id, subjects, usernames])
      return rows.map(({ state }) => toState(state))
    },
  }
}
