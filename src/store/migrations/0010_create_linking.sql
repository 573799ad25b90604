-- Domains that an organization has proved to own, by a TXT record in their DNS. The token stands in that record: no secret.
create table verified_domain (
  organization_id text collate "C" not null references organization deferrable,
  domain text collate "C" not null,
  token text not null,
  -- Null: not yet, or no longer.
  verified_at timestamptz(3),
  checked_at timestamptz(3),
  created_at timestamptz(3) not null,
  primary key (organization_id, domain)
);

-- INVARIANT: a domain is proved by one organization at a time.
create unique index verified_domain_owner on verified_domain (domain) where verified_at is not null;

-- Who holds the user name of somebody who is not known yet, and what linking the two would be decided on.
create function read_link_candidate(in_organization text, of_account uuid) returns json
language plpgsql
stable
as $$
begin
  return json_build_object(
    'account', (
      select row_to_json(account)
      from account
      where organization_id = in_organization
        and id = of_account
    ),
    'grants', grants_of(in_organization, of_account),
    'domains', (
      select coalesce(json_agg(domain), '[]')
      from verified_domain
      where organization_id = in_organization
        and verified_at is not null
    ),
    'connections', (
      select coalesce(json_agg(distinct connection.id), '[]')
      from identity
      join connection on connection.organization_id = identity.organization_id and connection.id = identity.connection_id
      where identity.organization_id = in_organization
        and identity.account_id = of_account
        and (connection.settings ->> 'samlEnabled')::boolean
    )
  );
end;
$$;

-- Leads one subject of one connection to this account, wherever it led before; whoever was signed in that way is signed out.
-- Null: no such account. Else the account it led to, or none.
create function relink_identity(
  in_organization text, over_connection text, of_subject text, to_account uuid, event jsonb
) returns json
language plpgsql
as $$
declare
  at_now constant timestamptz := (event ->> 'at')::timestamptz;
  from_account uuid;
begin
  perform 1
  from account
  where organization_id = in_organization
    and id = to_account
  for no key update;
  if not found then
    return null;
  end if;

  select account_id
  into from_account
  from identity
  where organization_id = in_organization
    and connection_id = over_connection
    and subject_key = of_subject
  for no key update;

  insert into identity (organization_id, connection_id, subject_key, account_id, created_at)
  values (in_organization, over_connection, of_subject, to_account, at_now)
  on conflict (organization_id, connection_id, subject_key) do update
  set account_id = excluded.account_id, created_at = excluded.created_at;
  update account
  set version = version + 1, updated_at = at_now
  where organization_id = in_organization
    and id in (to_account, from_account);
  delete from session
  where organization_id = in_organization
    and account_id = from_account
    and account_id <> to_account
    and connection_id = over_connection;
  perform record_events(in_organization, jsonb_build_array(event));
  return json_build_object('before', from_account);
end;
$$;

-- An identity that was verified, with the user name of an account that it does not lead to. Whoever came with it may show
-- within minutes that the account is theirs. INVARIANT: an identity asks for one account at a time.
create table link_request (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  subject_key key_text not null,
  id uuid not null,
  account_id uuid not null,
  -- Of the browser that came with it, and must come with the proof.
  browser_hash text collate "C" not null,
  return_to text not null,
  handoff jsonb,
  -- The refused sign-in.
  attempt_id uuid not null,
  expires_at timestamptz(3) not null,
  primary key (organization_id, connection_id, subject_key),
  constraint link_request_id_key unique (id),
  constraint link_request_connection_fkey foreign key (organization_id, connection_id) references connection
    on delete cascade deferrable,
  constraint link_request_account_fkey foreign key (organization_id, account_id) references account
    on delete cascade deferrable
);

create index link_request_account on link_request (account_id, organization_id);

create index link_request_expiry on link_request (expires_at);

-- Takes the place of what the same identity asked before. The assertion is consumed, like that of anybody who was let in.
create function keep_link_request(request jsonb) returns void
language plpgsql
as $$
declare
  in_organization constant text := request ->> 'organizationId';
  over_connection constant text := request ->> 'connectionId';
begin
  insert into consumed_assertion (organization_id, connection_id, assertion_hash, remember_until)
  select
    in_organization,
    over_connection,
    sha256(convert_to(request -> 'assertion' ->> 'id', 'UTF8')),
    (request -> 'assertion' ->> 'rememberUntil')::timestamptz
  from connection
  where organization_id = in_organization
    and id = over_connection
    and version = (request ->> 'connectionVersion')::integer;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  delete from login_request
  where organization_id = in_organization
    and connection_id = over_connection
    and id = request ->> 'loginRequestId';
  if not found then
    raise exception 'login request unknown' using errcode = 'LK002';
  end if;

  insert into link_request (
    organization_id, connection_id, subject_key, id, account_id, browser_hash, return_to, handoff, attempt_id,
    expires_at
  )
  values (
    in_organization,
    over_connection,
    request ->> 'subjectKey',
    (request ->> 'id')::uuid,
    (request ->> 'accountId')::uuid,
    request ->> 'browserHash',
    request ->> 'returnTo',
    request -> 'handoff',
    (request ->> 'attemptId')::uuid,
    (request ->> 'expiresAt')::timestamptz
  )
  on conflict (organization_id, connection_id, subject_key) do update
  set
    id = excluded.id,
    account_id = excluded.account_id,
    browser_hash = excluded.browser_hash,
    return_to = excluded.return_to,
    handoff = excluded.handoff,
    attempt_id = excluded.attempt_id,
    expires_at = excluded.expires_at;
end;
$$;

-- A sign-in that proves whose another identity is: that identity leads to the same account from now on, or nothing happens
-- at all. What the account is was looked at before and is guarded by its version; the rest is looked at here.
create function apply_proving_sign_in(writes jsonb) returns void
language plpgsql
as $$
declare
  in_organization constant text := writes ->> 'organizationId';
  at_now constant timestamptz := (writes ->> 'now')::timestamptz;
  of_account constant uuid := (writes -> 'account' ->> 'id')::uuid;
  proof constant jsonb := writes -> 'linkProof';
begin
  if writes ? 'setUp' then
    perform apply_held_sign_in(writes);
  elsif writes ? 'artifact' then
    perform apply_artifact_sign_in(writes);
  else
    perform apply_sign_in(writes);
  end if;

  perform 1
  from connection
  where organization_id = in_organization
    and id = proof ->> 'connectionId'
    and (settings ->> 'samlEnabled')::boolean
    and settings ->> 'linking' = 'proof'
  for share;
  if not found then
    raise exception 'no linking by proof any more' using errcode = 'LK012';
  end if;

  delete from link_request
  where organization_id = in_organization
    and connection_id = proof ->> 'connectionId'
    and subject_key = proof ->> 'subjectKey'
    and id = (proof ->> 'id')::uuid
    and account_id = of_account
    and expires_at > at_now;
  if not found then
    raise exception 'link request unknown' using errcode = 'LK011';
  end if;

  insert into identity (organization_id, connection_id, subject_key, account_id, created_at)
  values (in_organization, proof ->> 'connectionId', proof ->> 'subjectKey', of_account, at_now)
  on conflict do nothing;
  if not found then
    raise exception 'link request unknown' using errcode = 'LK011';
  end if;

  perform record_events(in_organization, jsonb_build_array(proof -> 'event'));
end;
$$;
