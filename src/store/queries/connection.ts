import type { Connection, IdentityProvider } from '../../directory/connection.ts'
import type { ConnectionDirectory } from '../../directory/directory.ts'
import type { OrganizationDeclarations } from '../../directory/organization-declarations.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'
import { keepVersion } from './connection-version.ts'
import { declaredOf } from './organization.ts'

const create = {
  name: 'connection_create',
  text: `
    with owner as (
      select id
      from organization
      where id = $1
    ), created as (
      insert into connection (
        organization_id, id, name, identity_provider, service_provider_entity_id, settings, version, created_at
      )
      select owner.id, $2, $3, $4::jsonb, $5, $6::jsonb, 1, $7
      from owner
      on conflict do nothing
      returning *
    ), kept as (${keepVersion('created', '$8::jsonb')}
    )
    select
      exists (select from owner) as "ownerFound",
      (select record_events(created.organization_id, $8::jsonb) from created) is not null as created`,
}

const update = {
  name: 'connection_update',
  text: `
    with updated as (
      update connection
      set
        name = $3,
        identity_provider = $4::jsonb,
        service_provider_entity_id = $5,
        settings = $6::jsonb,
        version = version + 1
      where organization_id = $1
        and id = $2
        and version = $8
      returning *
    ), kept as (${keepVersion('updated', '$7::jsonb')}
    ), forgotten as (
      -- What an administrator gave need not be what was fetched last: the next refresh asks for all of it.
      update metadata_refresh
      set
        etag = null,
        last_modified = null
      where organization_id = $1
        and connection_id = $2
        and exists (select from updated)
    )
    select record_events(updated.organization_id, $7::jsonb)
    from updated`,
}

const replaceProvider = {
  name: 'connection_replace_identity_provider',
  text: `
    with updated as (
      update connection
      set
        identity_provider = $4::jsonb,
        version = version + 1
      where organization_id = $1
        and id = $2
        and version = $3
      returning *
    ), kept as (${keepVersion('updated', '$5::jsonb')}
    )
    select record_events(updated.organization_id, $5::jsonb)
    from updated`,
}

const columns = `
      organization_id as "organizationId",
      id,
      name,
      identity_provider as "identityProvider",
      service_provider_entity_id as "serviceProviderEntityId",
      settings,
      (select declared from organization where organization.id = connection.organization_id) as declared,
      version,
      created_at as "createdAt"`

const find = {
  name: 'connection_find',
  text: `
    select ${columns}
    from connection
    where id = $1`,
}

const list = {
  name: 'connection_list',
  text: `
    select ${columns}
    from connection
    where $1::text is null or organization_id = $1
    order by id`,
}

interface ConnectionRow extends Omit<Connection, 'identityProvider' | 'serviceProviderEntityId' | 'declared'> {
  readonly declared: OrganizationDeclarations
  readonly identityProvider: Omit<IdentityProvider, 'validUntil'> & { readonly validUntil?: string }
  readonly serviceProviderEntityId: string | null
}

function toConnection({ identityProvider, serviceProviderEntityId, declared, ...rest }: ConnectionRow): Connection {
  const { validUntil, ...provider } = identityProvider
  return {
    ...rest,
    ...declaredOf(declared),
    identityProvider: { ...provider, ...(validUntil !== undefined && { validUntil: new Date(validUntil) }) },
    ...(serviceProviderEntityId !== null && { serviceProviderEntityId }),
  }
}

function writtenValues(connection: Connection): readonly unknown[] {
  return [
    connection.organizationId,
    connection.id,
    connection.name,
    JSON.stringify(connection.identityProvider),
    connection.serviceProviderEntityId ?? null,
    JSON.stringify(connection.settings),
  ]
}

async function whyNotUpdated(db: Queryable, { organizationId, id, version }: Connection): Promise<LatchkeyError> {
  const [stored] = await run<ConnectionRow>(db, find, [id])
  if (stored?.organizationId !== organizationId) return new LatchkeyError('connection_not_found', { arrived: id })
  const [wanted, arrived] = [`version ${version}, as it was read`, `version ${stored.version}`]
  return new LatchkeyError('connection_changed', { check: 'version', wanted, arrived, at: `connection:${id}` })
}

export function connectionQueries(db: Queryable): ConnectionDirectory {
  return {
    async createConnection(connection, event) {
      const values = [...writtenValues(connection), connection.createdAt, JSON.stringify([event])]
      const [row] = await run<{ ownerFound: boolean; created: boolean }>(db, create, values)
      if (row?.ownerFound !== true) {
        throw new LatchkeyError('organization_not_found', { arrived: connection.organizationId })
      }
      if (!row.created) throw new LatchkeyError('connection_exists', { arrived: connection.id })
    },
    async updateConnection(connection, event) {
      const values = [...writtenValues(connection), JSON.stringify([event]), connection.version]
      if ((await run(db, update, values)).length === 0) throw await whyNotUpdated(db, connection)
    },
    async replaceIdentityProvider({ organizationId, id, version, identityProvider }, event) {
      const values = [organizationId, id, version, JSON.stringify(identityProvider), JSON.stringify([event])]
      return (await run(db, replaceProvider, values)).length > 0 ? 'replaced' : 'stale'
    },
    async findConnection(id) {
      const [row] = await run<ConnectionRow>(db, find, [id])
      return row && toConnection(row)
    },
    async listConnections(organizationId) {
      return (await run<ConnectionRow>(db, list, [organizationId ?? null])).map(toConnection)
    },
  }
}
