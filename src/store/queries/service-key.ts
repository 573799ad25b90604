import type { ServiceKeyDirectory } from '../../directory/directory.ts'
import type { ServiceKey } from '../../directory/service-key.ts'
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
      created_at as "createdAt"
    from service_key
    where purpose = $1
    order by created_at, id`,
}

export function serviceKeyQueries(db: Queryable): ServiceKeyDirectory {
  const listServiceKeys = (purpose: ServiceKey['purpose']) => run<ServiceKey>(db, list, [purpose])
  return {
    async ensureServiceKey(key) {
      await run(db, ensure, [JSON.stringify(key)])
      return listServiceKeys(key.purpose)
    },
    listServiceKeys,
  }
}
