-- An address that an administrator gave out, under which somebody may try a connection once. Its code is a secret: the
-- table holds the SHA-256.
create table test_sign_in (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  code_hash text collate "C" not null,
  expires_at timestamptz(3) not null,
  primary key (organization_id, code_hash),
  constraint test_sign_in_code_key unique (code_hash)
);

create index test_sign_in_expiry on test_sign_in (expires_at);
