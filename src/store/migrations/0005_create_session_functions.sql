create function touch_session(in_organization text, of_session uuid, at_now timestamptz, seen_before timestamptz)
returns void
language plpgsql
as $$
begin
  -- Whoever is touching it at this moment does it for us too.
  perform 1
  from session
  where organization_id = in_organization
    and id = of_session
    and last_seen_at <= seen_before
  for no key update skip locked;
  if found then
    update session
    set last_seen_at = at_now
    where organization_id = in_organization
      and id = of_session;
  end if;
end;
$$;

-- The session of this token if it, the one it hangs on and its account live; null if not. Using an application's session
-- keeps the one it hangs on alive too.
create function find_session(
  of_token text,
  for_application text,
  at_now timestamptz,
  idle_since timestamptz,
  opened_since timestamptz,
  seen_before timestamptz
) returns json
language plpgsql
as $$
declare
  used session%rowtype;
  origin session%rowtype;
  holder account%rowtype;
begin
  select session.*
  into used
  from session
  where token_hash = of_token;
  if not found
    or used.application_id is distinct from for_application
    or used.expires_at <= at_now
    or used.last_seen_at <= idle_since
  then
    return null;
  end if;

  origin := used;
  if used.parent_id is not null then
    select session.*
    into origin
    from session
    where organization_id = used.organization_id
      and id = used.parent_id;
    if not found then
      return null;
    end if;
  end if;
  if origin.expires_at <= at_now or origin.last_seen_at <= idle_since or origin.created_at <= opened_since then
    return null;
  end if;

  select account.*
  into holder
  from account
  where organization_id = used.organization_id
    and id = used.account_id;
  if not found or holder.state <> 'active' or holder.expires_at <= at_now then
    return null;
  end if;

  if origin.id <> used.id and origin.last_seen_at <= seen_before then
    perform touch_session(origin.organization_id, origin.id, at_now, seen_before);
  end if;
  if used.last_seen_at <= seen_before then
    perform touch_session(used.organization_id, used.id, at_now, seen_before);
    used.last_seen_at := at_now;
  end if;

  return json_build_object(
    'session', to_jsonb(used) - 'token_hash',
    'account', row_to_json(holder),
    'grants', grants_of(holder.organization_id, holder.id)
  );
end;
$$;

-- Consumes the code and opens the application's session; no row: code, application, browser, time, the session it
-- hangs on or the account do not fit.
create function redeem_handoff(
  of_code text, for_application text, of_browser text, new_session uuid, new_token_hash text, at_now timestamptz
) returns table (return_to text, expires_at timestamptz)
language plpgsql
as $$
#variable_conflict use_column
declare
  way handoff%rowtype;
  parent session%rowtype;
begin
  select handoff.*
  into way
  from handoff
  where code_hash = of_code
    and application_id = for_application
    and browser_hash = of_browser
    and expires_at > at_now;
  if not found then
    return;
  end if;

  select session.*
  into parent
  from session
  where organization_id = way.organization_id
    and id = way.session_id
    and expires_at > at_now
  for key share;
  if not found then
    return;
  end if;

  perform 1
  from account
  where organization_id = parent.organization_id
    and id = parent.account_id
    and state = 'active'
    and (expires_at is null or expires_at > at_now);
  if not found then
    return;
  end if;

  delete from handoff
  where organization_id = way.organization_id
    and code_hash = of_code;
  if not found then
    return;
  end if;

  insert into session (
    organization_id, id, account_id, connection_id, parent_id, application_id, token_hash, created_at, last_seen_at,
    expires_at
  )
  values (
    parent.organization_id, new_session, parent.account_id, parent.connection_id, parent.id, for_application,
    new_token_hash, at_now, at_now, parent.expires_at
  );

  return query select way.return_to, parent.expires_at;
end;
$$;

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
    coalesce(ended.exact_name_id, ended.name_id),
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
  holder uuid;
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

  select array_agg(distinct account_id order by account_id)
  into holders
  from session
  where name_id = of_name_id
    and organization_id = in_organization
    and connection_id = over_connection;

  -- In the order in which everybody locks: accounts first, each by its whole key, because PostgreSQL before 17 reads every
  -- account of the organization for `id = any (…) order by id`.
  foreach holder in array coalesce(holders, '{}') loop
    perform 1
    from account
    where organization_id = in_organization
      and id = holder
    for no key update;
  end loop;

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
