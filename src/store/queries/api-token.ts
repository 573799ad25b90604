import type { ApiToken } from '../../directory/api-token.ts'
import type { ApiTokenDirectory } from '../../directory/directory.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run, type Statement } from '../statement.ts'

const columns = `
      name,
      organization_id as "organizationId",
      scope,
      may_reveal as "mayReveal",
      created_at as "createdAt",
      expires_at as "expiresAt",
      last_used_at as "lastUsedAt"`

const create: Statement = {
  name: 'api_token_create',
  text: `
    with created as (
      insert into api_token (name, token_hash, organization_id, scope, may_reveal, created_at, expires_at)
      values ($1, $2, $3, $4, $5, $6, $7)
      on conflict (name) do nothing
      returning coalesce(organization_id, '') as organization
    )
    select record_events(created.organization, $8::jsonb)
    from created`,
}

/** Writes only in the first use of an hour; whoever is writing that at this moment does it for the others. */
const use: Statement = {
  name: 'api_token_use',
  text: `
    with touched as (
      update api_token
      set last_used_at = $3
      where name in (
        select name
        from api_token
        where token_hash = $1
          and expires_at > $2
          and (last_used_at is null or last_used_at < $3)
        for no key update skip locked
      )
    )
    select${columns}
    from api_token
    where token_hash = $1
      and expires_at > $2`,
}

const list: Statement = {
  name: 'api_token_list',
  text: `
    select${columns}
    from api_token
    order by name`,
}

const remove: Statement = {
  name: 'api_token_remove',
  text: `
    with removed as (
      delete from api_token
      where name = $1
      returning coalesce(organization_id, '') as organization
    )
    select record_events(removed.organization, $2::jsonb)
    from removed`,
}

interface TokenRow extends Omit<ApiToken, 'organizationId' | 'lastUsedAt'> {
  readonly organizationId: string | null
  readonly lastUsedAt: Date | null
}

function toToken({ organizationId, lastUsedAt, ...rest }: TokenRow): ApiToken {
  return { ...rest, ...(organizationId !== null && { organizationId }), ...(lastUsedAt !== null && { lastUsedAt }) }
}

const hourMs = 3_600_000

export function apiTokenQueries(db: Queryable): ApiTokenDirectory {
  return {
    async createApiToken({ name, tokenHash, organizationId, scope, mayReveal, createdAt, expiresAt }, event) {
      const values = [name, tokenHash, organizationId ?? null, scope, mayReveal, createdAt, expiresAt]
      const rows = await run(db, create, [...values, JSON.stringify([event])])
      if (rows.length === 0) throw new LatchkeyError('api_token_exists', { arrived: name })
    },
    async useApiToken(tokenHash, now) {
      const hour = new Date(Math.floor(now.getTime() / hourMs) * hourMs)
      const [row] = await run<TokenRow>(db, use, [tokenHash, now, hour])
      return row && toToken(row)
    },
    async listApiTokens() {
      return (await run<TokenRow>(db, list)).map(toToken)
    },
    async removeApiToken(name, event) {
      const rows = await run(db, remove, [name, JSON.stringify([event])])
      if (rows.length === 0) throw new LatchkeyError('api_token_not_found', { arrived: name })
    },
  }
}
