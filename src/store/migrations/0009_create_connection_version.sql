-- Every configuration a connection has had, the present one among them: who wrote it, when, in which act.
create table connection_version (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  version integer not null,
  at timestamptz(3) not null,
  actor text not null,
  action text not null,
  configuration jsonb not null,
  primary key (organization_id, connection_id, version),
  constraint connection_version_connection_fkey foreign key (organization_id, connection_id) references connection
    deferrable
);

-- A configuration that waits to be published; of one connection at most one.
create table connection_draft (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  -- What it was made from.
  base_version integer not null,
  at timestamptz(3) not null,
  actor text not null,
  configuration jsonb not null,
  primary key (organization_id, connection_id),
  constraint connection_draft_connection_fkey foreign key (organization_id, connection_id) references connection
    deferrable
);

insert into connection_version (organization_id, connection_id, version, at, actor, action, configuration)
select
  organization_id,
  id,
  version,
  now(),
  'system',
  'connection.found',
  jsonb_build_object(
    'name', name,
    'identityProvider', identity_provider,
    'serviceProviderEntityId', service_provider_entity_id,
    'settings', settings
  )
from connection;
