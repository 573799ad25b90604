import type { OrganizationDirectory } from '../../directory/directory.ts'
import type { Organization } from '../../directory/organization.ts'
import { bornRoles } from '../../directory/role.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

const create = {
  name: 'organization_create',
  text: `
    with created as (
      insert into organization (id, name, created_at, seat_limit)
      values ($1, $2, $3, $6)
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
    select update_organization($1, $2, $3, $4::jsonb) as found`,
}

const find = {
  name: 'organization_find',
  text: `
    select id, name, seat_limit as "seatLimit", created_at as "createdAt"
    from organization
    where id = $1`,
}

const list = {
  name: 'organization_list',
  text: `
    select id, name, seat_limit as "seatLimit", created_at as "createdAt"
    from organization
    order by id`,
}

interface OrganizationRow extends Omit<Organization, 'seatLimit'> {
  readonly seatLimit: number | null
}

function toOrganization({ seatLimit, ...rest }: OrganizationRow): Organization {
  return { ...rest, ...(seatLimit !== null && { seatLimit }) }
}

export function organizationQueries(db: Queryable): OrganizationDirectory {
  return {
    async createOrganization({ id, name, seatLimit, createdAt }, event) {
      const values = [id, name, createdAt, JSON.stringify(bornRoles), JSON.stringify([event]), seatLimit ?? null]
      const rows = await run(db, create, values)
      if (rows.length === 0) throw new LatchkeyError('organization_exists', { arrived: id })
    },
    async updateOrganization({ id, name, seatLimit }, event) {
      const values = [id, name, seatLimit ?? null, JSON.stringify(event)]
      const [row] = await run<{ found: boolean }>(db, update, values)
      if (row?.found !== true) throw new LatchkeyError('organization_not_found', { arrived: id })
    },
    async findOrganization(id) {
      const [row] = await run<OrganizationRow>(db, find, [id])
      return row && toOrganization(row)
    },
    async listOrganizations() {
      return (await run<OrganizationRow>(db, list)).map(toOrganization)
    },
  }
}
