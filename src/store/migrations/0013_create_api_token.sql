-- What programs authenticate with at the API. The table holds the SHA-256 of each token. One that is revoked is gone.
create table api_token (
  name text collate "C" primary key,
  token_hash text collate "C" not null,
  -- Null: good for the whole installation.
  organization_id text collate "C" references organization deferrable,
  scope text collate "C" not null,
  may_reveal boolean not null,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  -- The hour; null: never.
  last_used_at timestamptz(3),
  constraint api_token_hash_key unique (token_hash),
  constraint api_token_scope check (scope in ('read', 'write'))
);
