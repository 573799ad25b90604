import type { OrganizationDirectory } from '../../directory/directory.ts'
import type { Organization } from '../../directory/organization.ts'
import type { OrganizationDeclarations } from '../../directory/organization-declarations.ts'
import { bornRoles } from '../../directory/role.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

const create = {
  name: 'organization_create',
  text: `
    with created as (
      insert into organization (id, name, created_at, seat_limit, declared)
      values ($1, $2, $3, $6, $7::jsonb)
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
    select update_organization($1, $2, $3, $4::jsonb, $5::jsonb) as found`,
}

const find = {
  name: 'organization_find',
  text: `
    select id, name, seat_limit as "seatLimit", declared, created_at as "createdAt"
    from organization
    where id = $1`,
}

const list = {
  name: 'organization_list',
  text: `
    select id, name, seat_limit as "seatLimit", declared, created_at as "createdAt"
    from organization
    order by id`,
}

interface OrganizationRow extends Omit<Organization, 'seatLimit' | 'declared'> {
  readonly seatLimit: number | null
  readonly declared: OrganizationDeclarations
}

function toOrganization({ seatLimit, declared, ...rest }: OrganizationRow): Organization {
  return { ...rest, ...(seatLimit !== null && { seatLimit }), ...declaredOf(declared) }
}

/** Left out where nothing is declared. */
export function declaredOf(declared: OrganizationDeclarations): { readonly declared?: OrganizationDeclarations } {
  return Object.keys(declared).length > 0 ? { declared } : {}
}

export function organizationQueries(db: Queryable): OrganizationDirectory {
  return {
    async createOrganization({ id, name, seatLimit, createdAt, declared = {} }, event) {
      const values = [
        id,
        name,
        createdAt,
        JSON.stringify(bornRoles),
        JSON.stringify([event]),
        seatLimit ?? null,
        JSON.stringify(declared),
      ]
      const rows = await run(db, create, values)
      if (rows.length === 0) throw new LatchkeyError('organization_exists', { arrived: id })
    },
    async updateOrganization({ id, name, seatLimit, declared = {} }, event) {
      const values = [id, name, seatLimit ?? null, JSON.stringify(declared), JSON.stringify(event)]
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
