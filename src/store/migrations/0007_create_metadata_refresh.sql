-- What is known of refreshing a connection's metadata from its address. Where it comes from stands with the identity
-- provider: a row whose url is another one is about an address that no longer counts.
create table metadata_refresh (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  url text not null,
  etag text,
  last_modified text,
  -- When the metadata in force was last confirmed.
  fetched_at timestamptz(3),
  attempted_at timestamptz(3),
  next_refresh_at timestamptz(3) not null,
  failures integer not null,
  last_error jsonb,
  -- INVARIANT: until then one node refreshes, and no other.
  leased_until timestamptz(3),
  primary key (organization_id, connection_id),
  constraint metadata_refresh_connection_fkey foreign key (organization_id, connection_id) references connection
    on delete cascade deferrable
);

create index metadata_refresh_due on metadata_refresh (next_refresh_at);

-- A key signs from its promotion on, until another one of its purpose is promoted. Without one it is the next.
alter table service_key add column promoted_at timestamptz(3);

update service_key
set promoted_at = created_at;

-- INVARIANT: there is at most one next key of a purpose.
create unique index service_key_next on service_key (purpose) where promoted_at is null;

create or replace function ensure_service_key(key jsonb) returns void
language plpgsql
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('latchkey:service_key:' || (key ->> 'purpose'), 0));

  insert into service_key (id, purpose, sealed_private_key, public_part, created_at, promoted_at)
  select
    key ->> 'id',
    key ->> 'purpose',
    key ->> 'sealedPrivateKey',
    key ->> 'publicPart',
    (key ->> 'createdAt')::timestamptz,
    (key ->> 'createdAt')::timestamptz
  where not exists (
    select
    from service_key
    where purpose = key ->> 'purpose'
  );
end;
$$;
