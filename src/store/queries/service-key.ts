import type { ServiceKeyDirectory } from '../../directory/directory.ts'
import type { ServiceKey } from '../../directory/service-key.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

/** Two nodes that start at once must not both find none: the lock is held until the transaction ends. */
const ensure = {
  name: 'service_key_ensure',
  text: `
    select ensure_service_key($1::jsonb)`,
}

const list = {
  name: 'service_key_list',
  text: `
    select
      id,
      purpose,
      sealed_private_key as "sealedPrivateKey",
      public_part as "publicPart",
      created_at as "createdAt",
      promoted_at as "promotedAt"
    from service_key
    where purpose = $1
    order by created_at, id`,
}

const createNext = {
  name: 'service_key_create_next',
  text: `
    with created as (
      insert into service_key (id, purpose, sealed_private_key, public_part, created_at)
      values ($1, $2, $3, $4, $5)
      on conflict (purpose) where promoted_at is null do nothing
      returning id
    )
    select record_events('', $6::jsonb)
    from created`,
}

/** A clock that runs behind must not make the promoted key the older one. */
const promote = {
  name: 'service_key_promote',
  text: `
    with current as (
      select id, promoted_at
      from service_key
      where purpose = $1
        and promoted_at is not null
      order by promoted_at desc, id desc
      limit 1
    ), promoted as (
      update service_key
      set promoted_at = greatest($2::timestamptz, (select promoted_at + interval '1 millisecond' from current))
      where purpose = $1
        and promoted_at is null
      returning id
    ), removed as (
      delete from service_key
      where purpose = $1
        and promoted_at is not null
        and id <> (select id from current)
        and exists (select from promoted)
    )
    select record_events('', $3::jsonb)
    from promoted`,
}

type ServiceKeyRow = Omit<ServiceKey, 'promotedAt'> & { readonly promotedAt: Date | null }

function toServiceKey({ promotedAt, ...key }: ServiceKeyRow): ServiceKey {
  return { ...key, ...(promotedAt !== null && { promotedAt }) }
}

export function serviceKeyQueries(db: Queryable): ServiceKeyDirectory {
  const listServiceKeys = async (purpose: ServiceKey['purpose']) =>
    (await run<ServiceKeyRow>(db, list, [purpose])).map(toServiceKey)
  return {
    async ensureServiceKey(key) {
      await run(db, ensure, [JSON.stringify(key)])
      return listServiceKeys(key.purpose)
    },
    listServiceKeys,
    async createNextServiceKey({ id, purpose, sealedPrivateKey, publicPart, createdAt }, event) {
      const values = [id, purpose, sealedPrivateKey, publicPart, createdAt, JSON.stringify([event])]
      if ((await run(db, createNext, values)).length > 0) return
      throw new LatchkeyError('key_exists', { check: 'next key', wanted: 'none', arrived: purpose })
    },
    async promoteServiceKey(purpose, now, event) {
      if ((await run(db, promote, [purpose, now, JSON.stringify([event])])).length > 0) return
      throw new LatchkeyError('key_not_found', { check: 'next key', wanted: purpose, arrived: 'none' })
    },
  }
}
