-- Every table's key starts with the organization where the row belongs to one. What is compared is compared byte for
-- byte (collate "C"). Foreign keys can be deferred, so that a copy of the whole database needs no order within a table.
--
-- Plans are made and kept while tables are empty and nothing is known about them; then an index of which only the first
-- column fits seems as good as one that fits whole. So no further index begins with the organization, except where it
-- stands before the primary key, and statements ask for one table by one whole key.
-- `test/store/reads-by-key.test.ts` fails when a plan reads more than it must.

-- Domains are checked where a value is written, and a table's own checks at each update of its row.

-- What is compared in an index, a row of which holds at most 2,704 bytes.
create domain key_text as text collate "C" constraint key_text_size check (octet_length(value) <= 2048);

-- Whether an account is a local administrator, whom no connection can touch: a UUID of version 8 (RFC 9562 5.8) says so.
-- Constraints write it out: a function in one is planned anew for each statement of a sign-in.
create function is_local(account_id uuid) returns boolean
language sql
immutable
as $$
  select get_byte(uuid_send(account_id), 6) >> 4 = 8
$$;

create domain account_state as text check (value in ('pending', 'active', 'suspended', 'deactivated'));

create domain sign_in_outcome as text check (value in ('accepted', 'refused'));

create table organization (
  id text collate "C" primary key,
  name text not null,
  -- Active accounts are counted only where their number is limited.
  seat_limit integer,
  seats_taken integer not null default 0,
  -- Custom fields and account types.
  declared jsonb not null default '{}',
  created_at timestamptz(3) not null
);

create table connection (
  organization_id text collate "C" not null references organization deferrable,
  id text collate "C" not null,
  name text not null,
  identity_provider jsonb not null,
  service_provider_entity_id text,
  settings jsonb not null,
  version integer not null,
  created_at timestamptz(3) not null,
  primary key (organization_id, id),
  -- It stands in addresses without its organization.
  constraint connection_id_key unique (id)
);

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
  -- The last refreshes that changed something, the newest first.
  recent_changes jsonb,
  -- INVARIANT: until then one node refreshes, and no other.
  leased_until timestamptz(3),
  primary key (organization_id, connection_id),
  constraint metadata_refresh_connection_fkey foreign key (organization_id, connection_id) references connection
    on delete cascade deferrable
);

create index metadata_refresh_due on metadata_refresh (next_refresh_at);

create table role (
  organization_id text collate "C" not null references organization deferrable,
  name text collate "C" not null,
  description text not null,
  kind text not null check (kind in ('application', 'administration')),
  primary key (organization_id, name)
);

create table account (
  organization_id text collate "C" not null references organization deferrable,
  id uuid not null,
  username text not null,
  username_key key_text not null,
  state account_state not null,
  expires_at timestamptz(3),
  -- When a pending account goes, unless somebody approves it.
  approval_expires_at timestamptz(3),
  fields jsonb not null,
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  last_sign_in_at timestamptz(3),
  version integer not null,
  -- `expires_at` is what the account's type says, and goes when it says it no longer.
  ends_by_type boolean not null default false
) with (fillfactor = 80);

-- For lists in order of user name.
create index account_list on account (organization_id, username_key);

create index account_approval on account (approval_expires_at) where approval_expires_at is not null;

alter table account add primary key (organization_id, id);

alter table account add constraint account_username_key unique (username_key, organization_id);

-- INVARIANT: one subject of one connection leads to one account; none leads to a local administrator.
create table identity (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  subject_key key_text not null,
  account_id uuid not null,
  created_at timestamptz(3) not null,
  primary key (organization_id, connection_id, subject_key),
  constraint identity_not_local check (get_byte(uuid_send(account_id), 6) >> 4 <> 8),
  constraint identity_connection_fkey foreign key (organization_id, connection_id) references connection deferrable,
  constraint identity_account_fkey foreign key (organization_id, account_id) references account
    on delete cascade deferrable
);

create index identity_account on identity (account_id, organization_id);

-- What one source has granted to one account, in one row: with a row for each name a first sign-in with 20 groups cost
-- the database twice as much. INVARIANT: a source grants a name once: names are the keys of an object.
create table grant_set (
  organization_id text collate "C" not null,
  account_id uuid not null,
  kind text collate "C" not null check (kind in ('role', 'group')),
  source text collate "C" not null,
  -- Name → [rule, since].
  held jsonb not null,
  primary key (organization_id, account_id, kind, source),
  constraint grant_set_not_local check (
    get_byte(uuid_send(account_id), 6) >> 4 <> 8 or source not like 'connection:%'
  ),
  constraint grant_set_account_fkey foreign key (organization_id, account_id) references account
    on delete cascade deferrable
);

-- One row a grant.
create view account_grant as
select
  organization_id,
  account_id,
  kind,
  entry.key collate "C" as name,
  source,
  entry.value ->> 0 as rule,
  (entry.value ->> 1)::timestamptz as since
from grant_set, jsonb_each(held) as entry;

-- As narrow as it is, an empty one is taken for so many rows that statements go by its primary key.
create table login_request (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  id text collate "C" not null,
  browser_hash text collate "C" not null,
  return_to text not null,
  -- For an application that waits: its id, and the hash of what its host keeps in the browser.
  handoff jsonb,
  -- Whether it asked for signing in anew (ForceAuthn): what answers it is held to that.
  force_authn boolean not null default false,
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  -- What it proves when it is answered: that another identity, which waits for that, is of the same person.
  link_proof jsonb
);

-- A connection's id is unique without its organization.
create index login_request_live on login_request (connection_id, expires_at);

create index login_request_browser on login_request (browser_hash, connection_id, created_at);

create index login_request_expiry on login_request (expires_at);

alter table login_request add primary key (organization_id, connection_id, id);

-- INVARIANT: one assertion is stored at most once per connection; apply_sign_in relies on the key.
-- Its ID is chosen by the identity provider and may be long: the key holds its SHA-256.
create table consumed_assertion (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  assertion_hash bytea not null,
  remember_until timestamptz(3) not null,
  primary key (organization_id, connection_id, assertion_hash)
);

create index consumed_assertion_expiry on consumed_assertion (remember_until);

-- A session that has ended is gone: there is no mark that a reader could forget to look at.
create table session (
  organization_id text collate "C" not null,
  id uuid not null,
  account_id uuid not null,
  connection_id text collate "C" not null,
  -- The session of our own host that opened it: an application's session ends with it.
  parent_id uuid,
  application_id text collate "C",
  token_hash text collate "C" not null,
  -- What a NameID is compared by.
  name_id text,
  -- The NameID as it arrived, where that is another text: its identity provider is told this one.
  exact_name_id text,
  session_index text,
  created_at timestamptz(3) not null,
  last_seen_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  primary key (organization_id, id),
  constraint session_token_key unique (token_hash),
  constraint session_account_fkey foreign key (organization_id, account_id) references account
    on delete cascade deferrable,
  constraint session_parent_fkey foreign key (organization_id, parent_id) references session
    on delete cascade deferrable
) with (fillfactor = 80);

create index session_account on session (account_id, organization_id);

create index session_parent on session (parent_id, organization_id) where parent_id is not null;

create index session_expiry on session (expires_at);

-- A NameID may be longer than a row of another kind of index holds. Sessions of applications have none.
create index session_name_id on session using hash (name_id) where name_id is not null;

create table handoff (
  organization_id text collate "C" not null,
  code_hash text collate "C" not null,
  session_id uuid not null,
  application_id text collate "C" not null,
  browser_hash text collate "C" not null,
  return_to text not null,
  expires_at timestamptz(3) not null,
  primary key (organization_id, code_hash),
  constraint handoff_code_key unique (code_hash),
  constraint handoff_session_fkey foreign key (organization_id, session_id) references session
    on delete cascade deferrable
);

create index handoff_session on handoff (session_id, organization_id);

create index handoff_expiry on handoff (expires_at);

-- A session that has ended here and is to end at its identity provider too. One row for each session that somebody ended,
-- so sign-ins bound their number.
create table logout_request (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  -- Also the ID of the LogoutRequest.
  id text collate "C" not null,
  name_id text,
  session_index text,
  return_to text,
  -- What the identity provider answered; null: nothing yet.
  outcome text check (outcome in ('success', 'partial', 'failed')),
  created_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  primary key (organization_id, connection_id, id),
  -- It stands in addresses without its organization.
  constraint logout_request_id_key unique (id)
);

create index logout_request_expiry on logout_request (expires_at);

create table sign_in_attempt (
  organization_id text collate "C" not null,
  id uuid not null,
  connection_id text collate "C" not null,
  at timestamptz(3) not null,
  outcome sign_in_outcome not null,
  code text,
  account_id uuid,
  trace jsonb not null,
  primary key (organization_id, id)
);

-- What a person is shown of it.
create index sign_in_attempt_reference on sign_in_attempt (right(id::text, 12));

create index sign_in_attempt_at on sign_in_attempt (at);

-- The organization is '' where the act concerned the whole installation, such as an application.
create table audit_event (
  organization_id text collate "C" not null,
  id uuid not null,
  at timestamptz(3) not null,
  actor text not null,
  action text not null,
  target text not null,
  detail jsonb not null,
  primary key (organization_id, id)
);

create table application (
  id text collate "C" primary key,
  name text not null,
  host text collate "C" not null,
  settings jsonb not null,
  version integer not null,
  constraint application_host_key unique (host)
);

create table service_key (
  id text collate "C" primary key,
  purpose text collate "C" not null,
  sealed_private_key text not null,
  public_part text not null,
  created_at timestamptz(3) not null,
  -- A key signs from then on, until another one of its purpose is promoted. Without it, it is the next.
  promoted_at timestamptz(3)
);

create index service_key_purpose on service_key (purpose, created_at, id);

-- INVARIANT: there is at most one next key of a purpose.
create unique index service_key_next on service_key (purpose) where promoted_at is null;
