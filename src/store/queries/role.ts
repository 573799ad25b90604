import type { RoleDirectory } from '../../directory/directory.ts'
import type { Role } from '../../directory/role.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

const create = {
  name: 'role_create',
  text: `
    with owner as (
      select id
      from organization
      where id = $1
    ), created as (
      insert into role (organization_id, name, description, kind)
      select owner.id, $2, $3, $4
      from owner
      on conflict do nothing
      returning organization_id
    )
    select
      exists (select from owner) as "ownerFound",
      (select record_events(created.organization_id, $5::jsonb) from created) is not null as created`,
}

const update = {
  name: 'role_update',
  text: `
    with updated as (
      update role
      set description = $3
      where organization_id = $1
        and name = $2
      returning organization_id
    )
    select record_events(updated.organization_id, $4::jsonb)
    from updated`,
}

const list = {
  name: 'role_list',
  text: `
    select organization_id as "organizationId", name, description, kind
    from role
    where organization_id = $1
    order by name`,
}

export function roleQueries(db: Queryable): RoleDirectory {
  return {
    async createRole({ organizationId, name, description, kind }, event) {
      const values = [organizationId, name, description, kind, JSON.stringify([event])]
      const [row] = await run<{ ownerFound: boolean; created: boolean }>(db, create, values)
      if (row?.ownerFound !== true) throw new LatchkeyError('organization_not_found', { arrived: organizationId })
      if (!row.created) throw new LatchkeyError('role_exists', { arrived: name })
    },
    async updateRole({ organizationId, name, description }, event) {
      const rows = await run(db, update, [organizationId, name, description, JSON.stringify([event])])
      if (rows.length === 0) throw new LatchkeyError('role_not_found', { arrived: name })
    },
    async listRoles(organizationId) {
      return run<Role>(db, list, [organizationId])
    },
  }
}
