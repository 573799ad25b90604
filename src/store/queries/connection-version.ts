import type { IdentityProvider } from '../../directory/connection.ts'
import type { ConnectionConfiguration, ConnectionDraft, ConnectionVersion } from '../../directory/connection-version.ts'
import type { ConnectionVersionDirectory } from '../../directory/directory.ts'
import { type Queryable, run } from '../statement.ts'

/** A part of a statement that keeps what it has just written: `rows` are whole rows, `events` the one event of the act. */
export function keepVersion(rows: string, events: string): string {
  return `
      insert into connection_version (organization_id, connection_id, version, at, actor, action, configuration)
      select
        organization_id,
        id,
        version,
        (event ->> 'at')::timestamptz,
        event ->> 'actor',
        event ->> 'action',
        jsonb_build_object(
          'name', name,
          'identityProvider', identity_provider,
          'serviceProviderEntityId', service_provider_entity_id,
          'settings', settings
        )
      from ${rows}, jsonb_array_elements(${events}) as event`
}

const list = {
  name: 'connection_version_list',
  text: `
    select version, at, actor, action, configuration
    from connection_version
    where organization_id = $1
      and connection_id = $2
    order by version desc
    limit $3`,
}

const find = {
  name: 'connection_version_find',
  text: `
    select version, at, actor, action, configuration
    from connection_version
    where organization_id = $1
      and connection_id = $2
      and version = $3`,
}

const saveDraft = {
  name: 'connection_draft_save',
  text: `
    with saved as (
      insert into connection_draft (organization_id, connection_id, base_version, at, actor, configuration)
      values ($1, $2, $3, $4, $5, $6::jsonb)
      on conflict (organization_id, connection_id) do update
      set
        base_version = excluded.base_version,
        at = excluded.at,
        actor = excluded.actor,
        configuration = excluded.configuration
      returning organization_id
    )
    select record_events(saved.organization_id, $7::jsonb)
    from saved`,
}

const findDraft = {
  name: 'connection_draft_find',
  text: `
    select
      organization_id as "organizationId",
      connection_id as "connectionId",
      base_version as "baseVersion",
      at,
      actor,
      configuration
    from connection_draft
    where organization_id = $1
      and connection_id = $2`,
}

const removeDraft = {
  name: 'connection_draft_remove',
  text: `
    with removed as (
      delete from connection_draft
      where organization_id = $1
        and connection_id = $2
      returning organization_id
    )
    select record_events(removed.organization_id, $3::jsonb)
    from removed`,
}

/** As jsonb holds it: nulls where there is nothing, times as text. */
interface StoredConfiguration extends Omit<ConnectionConfiguration, 'identityProvider' | 'serviceProviderEntityId'> {
  readonly identityProvider: Omit<IdentityProvider, 'validUntil'> & { readonly validUntil?: string }
  readonly serviceProviderEntityId?: string | null
}

type Stored<T> = Omit<T, 'configuration'> & { readonly configuration: StoredConfiguration }

function toRow<T extends { readonly configuration: ConnectionConfiguration }>(row: Stored<T>): T {
  const { identityProvider, serviceProviderEntityId, ...rest } = row.configuration
  const { validUntil, ...provider } = identityProvider
  const configuration = {
    ...rest,
    identityProvider: { ...provider, ...(validUntil !== undefined && { validUntil: new Date(validUntil) }) },
    ...(serviceProviderEntityId && { serviceProviderEntityId }),
  }
  return { ...row, configuration } as unknown as T
}

export function connectionVersionQueries(db: Queryable): ConnectionVersionDirectory {
  return {
    async listConnectionVersions({ organizationId, id }, limit) {
      const rows = await run<Stored<ConnectionVersion>>(db, list, [organizationId, id, limit])
      return rows.map((row) => toRow<ConnectionVersion>(row))
    },
    async findConnectionVersion({ organizationId, id }, version) {
      const [row] = await run<Stored<ConnectionVersion>>(db, find, [organizationId, id, version])
      return row && toRow<ConnectionVersion>(row)
    },
    async saveConnectionDraft({ organizationId, connectionId, baseVersion, at, actor, configuration }, event) {
      const values = [organizationId, connectionId, baseVersion, at, actor]
      await run(db, saveDraft, [...values, JSON.stringify(configuration), JSON.stringify([event])])
    },
    async findConnectionDraft({ organizationId, id }) {
      const [row] = await run<Stored<ConnectionDraft>>(db, findDraft, [organizationId, id])
      return row && toRow<ConnectionDraft>(row)
    },
    async removeConnectionDraft({ organizationId, id }, event) {
      return (await run(db, removeDraft, [organizationId, id, JSON.stringify([event])])).length > 0
    },
  }
}
