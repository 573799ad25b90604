import type { OrganizationDirectory } from '../../directory/directory.ts'
import type { Organization } from '../../directory/organization.ts'
import { bornRoles } from '../../directory/role.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

const create = {
  name: 'organization_create',
  text: `
    with created as (
      insert into organization (id, name, created_at)
      values ($1, $2, $3)
      on conflict (id) do nothing
      returning id
    ), born_roles as (
      insert into role (organization_id, name, description, kind)
      select created.id, given.name, given.description, given.kind
      from created
      cross join jsonb_to_recordset($4::jsonb) as given (name text, description text, kind text)
    )
    select record_events(created.id, $5::jsonb)
    from created`,
}

const update = {
  name: 'organization_update',
  text: `
    with updated as (
      update organization
      set name = $2
      where id = $1
      returning id
    )
    select record_events(updated.id, $3::jsonb)
    from updated`,
}

const find = {
  name: 'organization_find',
  text: `
    select id, name, created_at as "createdAt"
    from organization
    where id = $1`,
}

const list = {
  name: 'organization_list',
  text: `
    select id, name, created_at as "createdAt"
    from organization
    order by id`,
}

export function organizationQueries(db: Queryable): OrganizationDirectory {
  return {
    async createOrganization({ id, name, createdAt }, event) {
      const rows = await run(db, create, [id, name, createdAt, JSON.stringify(bornRoles), JSON.stringify([event])])
      if (rows.length === 0) throw new LatchkeyError('organization_exists', { arrived: id })
    },
    async updateOrganization({ id, name }, event) {
      const rows = await run(db, update, [id, name, JSON.stringify([event])])
      if (rows.length === 0) throw new LatchkeyError('organization_not_found', { arrived: id })
    },
    async findOrganization(id) {
      return (await run<Organization>(db, find, [id]))[0]
    },
    async listOrganizations() {
      return run<Organization>(db, list)
    },
  }
}
