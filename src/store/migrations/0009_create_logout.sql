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

-- A NameID may be longer than a row of another kind of index holds. Sessions of applications have none.
create index session_name_id on session using hash (name_id) where name_id is not null;

-- Ends the session of this token with all that hang on the same sign-in, and keeps what its identity provider must be told.
-- Null: there is no such session.
create function end_session(of_token text, wanted jsonb) returns jsonb
language plpgsql
as $$
declare
  ended session%rowtype;
  kept logout_request%rowtype;
begin
  delete from session
  where (organization_id, id) in (
    select organization_id, coalesce(parent_id, id)
    from session
    where token_hash = of_token
  )
  returning * into ended;
  if not found then
    return null;
  end if;

  insert into logout_request (
    organization_id, connection_id, id, name_id, session_index, return_to, created_at, expires_at
  )
  values (
    ended.organization_id,
    ended.connection_id,
    wanted ->> 'id',
    ended.name_id,
    ended.session_index,
    wanted ->> 'returnTo',
    (wanted ->> 'createdAt')::timestamptz,
    (wanted ->> 'expiresAt')::timestamptz
  )
  returning * into kept;
  return to_jsonb(kept);
end;
$$;

-- Ends what a verified LogoutRequest names, once: the sign-ins of a NameID over one connection, all of them or those of some
-- SessionIndexes. Null: the request was used before.
create function end_sessions_by_name_id(wanted jsonb) returns jsonb
language plpgsql
as $$
declare
  in_organization constant text := wanted ->> 'organizationId';
  over_connection constant text := wanted ->> 'connectionId';
  of_name_id constant text := wanted ->> 'nameId';
  of_indexes constant jsonb := wanted -> 'sessionIndexes';
  holders uuid[];
  ended bigint := 0;
  known boolean;
begin
  insert into consumed_assertion (organization_id, connection_id, assertion_hash, remember_until)
  values (
    in_organization,
    over_connection,
    -- No ID of an assertion holds a space.
    sha256(convert_to('LogoutRequest ' || (wanted ->> 'requestId'), 'UTF8')),
    (wanted ->> 'rememberUntil')::timestamptz
  )
  on conflict do nothing;
  if not found then
    return null;
  end if;

  select array_agg(distinct account_id)
  into holders
  from session
  where name_id = of_name_id
    and organization_id = in_organization
    and connection_id = over_connection;

  -- In the order in which everybody locks: accounts first.
  perform 1
  from account
  where organization_id = in_organization
    and id = any (holders)
  order by id
  for no key update;

  delete from session
  where name_id = of_name_id
    and organization_id = in_organization
    and connection_id = over_connection
    and (jsonb_array_length(of_indexes) = 0 or of_indexes ? session_index);
  get diagnostics ended = row_count;

  if ended > 0 then
    perform record_events(in_organization, jsonb_build_array(
      wanted -> 'event' || jsonb_build_object(
        'target', 'account:' || holders[1],
        'detail', wanted -> 'event' -> 'detail' || jsonb_build_object('sessionsEnded', ended)
      )
    ));
  end if;

  select holders is not null or exists (
    select
    from identity
    where organization_id = in_organization
      and connection_id = over_connection
      and subject_key = of_name_id
  )
  into known;
  return jsonb_build_object('sessionsEnded', ended, 'isKnown', known);
end;
$$;
