import type { MetadataRefreshDirectory } from '../../directory/directory.ts'
import type { MetadataRefresh, MetadataRefreshChanges } from '../../directory/metadata-refresh.ts'
import { type Queryable, run } from '../statement.ts'

const columns = `
      organization_id as "organizationId",
      connection_id as "connectionId",
      url,
      etag,
      last_modified as "lastModified",
      fetched_at as "fetchedAt",
      next_refresh_at as "nextRefreshAt",
      failures,
      last_error as "lastError",
      recent_changes as "recentChanges"`

/** What is given is the whole truth; with it the lease ends. */
const save = {
  name: 'metadata_refresh_save',
  text: `
    insert into metadata_refresh (
      organization_id, connection_id, url, etag, last_modified, fetched_at, next_refresh_at, failures, last_error,
      recent_changes
    )
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb, $10::jsonb)
    on conflict (organization_id, connection_id) do update
    set
      url = excluded.url,
      etag = excluded.etag,
      last_modified = excluded.last_modified,
      fetched_at = excluded.fetched_at,
      next_refresh_at = excluded.next_refresh_at,
      failures = excluded.failures,
      last_error = excluded.last_error,
      recent_changes = excluded.recent_changes,
      leased_until = null`,
}

const find = {
  name: 'metadata_refresh_find',
  text: `
    select ${columns}
    from metadata_refresh
    where organization_id = $1
      and connection_id = $2`,
}

const list = {
  name: 'metadata_refresh_list',
  text: `
    select ${columns}
    from metadata_refresh
    order by connection_id`,
}

/** Those that were never refreshed, then those that are due; rows that another node is taking are its own. */
const leaseDue = {
  name: 'metadata_refresh_lease_due',
  text: `
    with added as (
      insert into metadata_refresh (
        organization_id, connection_id, url, attempted_at, next_refresh_at, failures, leased_until
      )
      select organization_id, id, identity_provider -> 'source' ->> 'url', $1, $1, 0, $2
      from connection
      where identity_provider ? 'source'
        and not exists (
          select
          from metadata_refresh known
          where known.organization_id = connection.organization_id
            and known.connection_id = connection.id
        )
      limit $3
      on conflict do nothing
      returning connection_id
    ), due as (
      select refresh.organization_id, refresh.connection_id
      from metadata_refresh refresh
      join connection
        on connection.organization_id = refresh.organization_id
        and connection.id = refresh.connection_id
      where (refresh.leased_until is null or refresh.leased_until <= $1)
        and connection.identity_provider ? 'source'
        and (
          refresh.next_refresh_at <= $1
          or refresh.url <> connection.identity_provider -> 'source' ->> 'url'
        )
      order by refresh.next_refresh_at
      limit $3
      for update of refresh skip locked
    ), leased as (
      update metadata_refresh refresh
      set
        attempted_at = $1,
        leased_until = $2
      from due
      where refresh.organization_id = due.organization_id
        and refresh.connection_id = due.connection_id
      returning refresh.connection_id
    )
    select connection_id as id from added
    union all
    select connection_id as id from leased`,
}

const leaseOne = {
  name: 'metadata_refresh_lease_one',
  text: `
    insert into metadata_refresh as known (
      organization_id, connection_id, url, attempted_at, next_refresh_at, failures, leased_until
    )
    select organization_id, id, identity_provider -> 'source' ->> 'url', $3, $3, 0, $4
    from connection
    where organization_id = $1
      and id = $2
      and identity_provider ? 'source'
    on conflict (organization_id, connection_id) do update
    set
      attempted_at = $3,
      leased_until = $4
    where (known.leased_until is null or known.leased_until <= $3)
      and (known.attempted_at is null or known.attempted_at <= $5)
    returning 1`,
}

type Nullable<T> = { readonly [K in keyof T]-?: undefined extends T[K] ? Exclude<T[K], undefined> | null : T[K] }

type RefreshRow = Nullable<Omit<MetadataRefresh, 'lastError' | 'recentChanges'>> & {
  readonly lastError: { readonly at: string; readonly code: string; readonly reason: string } | null
  readonly recentChanges: readonly (Omit<MetadataRefreshChanges, 'at'> & { readonly at: string })[] | null
}

function toRefresh({ etag, lastModified, fetchedAt, lastError, recentChanges, ...rest }: RefreshRow): MetadataRefresh {
  return {
    ...rest,
    ...(etag !== null && { etag }),
    ...(lastModified !== null && { lastModified }),
    ...(fetchedAt !== null && { fetchedAt }),
    ...(lastError !== null && { lastError: { ...lastError, at: new Date(lastError.at) } }),
    ...(recentChanges !== null && {
      recentChanges: recentChanges.map(({ at, changes }) => ({ at: new Date(at), changes })),
    }),
  }
}

export function metadataRefreshQueries(db: Queryable): MetadataRefreshDirectory {
  return {
    async saveMetadataRefresh(refresh) {
      await run(db, save, [
        refresh.organizationId,
        refresh.connectionId,
        refresh.url,
        refresh.etag ?? null,
        refresh.lastModified ?? null,
        refresh.fetchedAt ?? null,
        refresh.nextRefreshAt,
        refresh.failures,
        refresh.lastError === undefined ? null : JSON.stringify(refresh.lastError),
        refresh.recentChanges === undefined ? null : JSON.stringify(refresh.recentChanges),
      ])
    },
    async findMetadataRefresh({ organizationId, id }) {
      const [row] = await run<RefreshRow>(db, find, [organizationId, id])
      return row && toRefresh(row)
    },
    async listMetadataRefreshes() {
      return (await run<RefreshRow>(db, list)).map(toRefresh)
    },
    async leaseDueMetadata({ now, leasedUntil }, limit) {
      return (await run<{ id: string }>(db, leaseDue, [now, leasedUntil, limit])).map(({ id }) => id)
    },
    async leaseMetadata({ organizationId, id }, { now, leasedUntil }, attemptedBefore) {
      const rows = await run(db, leaseOne, [organizationId, id, now, leasedUntil, attemptedBefore])
      return rows.length > 0
    },
  }
}
