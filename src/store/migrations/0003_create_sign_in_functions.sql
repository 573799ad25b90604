-- Keeps the request unless the connection has too many pending, and the latest of its browser. Connections are told
-- apart without their organization here, because the indexes are. Null: no such connection; false: too many.
create function begin_login_request(request jsonb, most_per_connection integer, most_per_browser integer)
returns boolean
language plpgsql
as $$
declare
  in_organization constant text := request ->> 'organizationId';
  over_connection constant text := request ->> 'connectionId';
  at_now constant timestamptz := (request ->> 'createdAt')::timestamptz;
  of_browser constant text := request ->> 'browserHash';
  pending bigint;
  crowded_out text[];
begin
  perform 1
  from connection
  where organization_id = in_organization
    and id = over_connection;
  if not found then
    return null;
  end if;

  select count(*)
  into pending
  from login_request
  where connection_id = over_connection
    and expires_at > at_now;
  if pending >= most_per_connection then
    return false;
  end if;

  insert into login_request (
    organization_id, connection_id, id, browser_hash, return_to, handoff_application_id, handoff_browser_hash,
    created_at, expires_at
  )
  values (
    in_organization,
    over_connection,
    request ->> 'id',
    of_browser,
    request ->> 'returnTo',
    request -> 'handoff' ->> 'applicationId',
    request -> 'handoff' ->> 'browserHash',
    at_now,
    (request ->> 'expiresAt')::timestamptz
  );

  crowded_out := array(
    select id
    from login_request
    where browser_hash = of_browser
      and connection_id = over_connection
    order by created_at desc, id desc
    offset most_per_browser
  );
  if cardinality(crowded_out) > 0 then
    delete from login_request
    where organization_id = in_organization
      and connection_id = over_connection
      and id = any (crowded_out);
  end if;
  return true;
end;
$$;

create function grants_of(in_organization text, of_account uuid) returns jsonb
language plpgsql
stable
as $$
begin
  return (
    select coalesce(jsonb_agg(to_jsonb(account_grant) order by kind, name, source), '[]')
    from account_grant
    where organization_id = in_organization
      and account_id = of_account
  );
end;
$$;

-- All that a plan may depend on; null: no such connection.
create function read_sign_in_state(
  in_organization text, over_connection text, of_subject text, of_username text, of_request text
) returns jsonb
language plpgsql
stable
as $$
declare
  connection_version integer;
  known_id uuid;
  holder_id uuid;
begin
  select version
  into connection_version
  from connection
  where organization_id = in_organization
    and id = over_connection;
  if not found then
    return null;
  end if;

  select account_id
  into known_id
  from identity
  where organization_id = in_organization
    and connection_id = over_connection
    and subject_key = of_subject;

  select id
  into holder_id
  from account
  where organization_id = in_organization
    and username_key = of_username;

  return jsonb_build_object(
    'connectionVersion', connection_version,
    'account', (
      select to_jsonb(account)
      from account
      where organization_id = in_organization
        and id = known_id
    ),
    'grants', grants_of(in_organization, known_id),
    'usernameHolderId', nullif(holder_id, known_id),
    'roles', (
      select coalesce(jsonb_agg(to_jsonb(role) order by name), '[]')
      from role
      where organization_id = in_organization
    ),
    'loginRequest', (
      select to_jsonb(login_request)
      from login_request
      where organization_id = in_organization
        and connection_id = over_connection
        and id = of_request
    )
  );
end;
$$;

-- Whether anything changed. A grant that is there already counts only when its rule is another.
create function change_grants(in_organization text, of_account uuid, removed jsonb, added jsonb) returns boolean
language plpgsql
as $$
declare
  removals bigint;
  additions bigint;
begin
  delete from account_grant
  using jsonb_to_recordset(removed) as given (kind text, name text, source text)
  where account_grant.organization_id = in_organization
    and account_grant.account_id = of_account
    and account_grant.kind = given.kind
    and account_grant.name = given.name
    and account_grant.source = given.source;
  get diagnostics removals = row_count;

  insert into account_grant (organization_id, account_id, kind, name, source, rule, since)
  select distinct on (given.kind, given.name, given.source)
    in_organization, of_account, given.kind, given.name, given.source, given.rule, given.since
  from jsonb_to_recordset(added)
    as given (kind text, name text, source text, rule text, since timestamptz)
  on conflict (organization_id, account_id, kind, name, source) do update
  set rule = excluded.rule, since = excluded.since
  where account_grant.rule <> excluded.rule;
  get diagnostics additions = row_count;

  return removals + additions > 0;
end;
$$;

create function open_account(in_organization text, over_connection text, wanted jsonb, at_now timestamptz)
returns void
language plpgsql
as $$
begin
  insert into account (
    organization_id, id, username, username_key, state, expires_at, fields, created_at, updated_at, last_sign_in_at,
    version
  )
  values (
    in_organization,
    (wanted ->> 'id')::uuid,
    wanted ->> 'username',
    wanted ->> 'usernameKey',
    'active',
    (wanted ->> 'expiresAt')::timestamptz,
    jsonb_strip_nulls(wanted -> 'fields'),
    at_now,
    at_now,
    at_now,
    1
  )
  on conflict (organization_id, username_key) do nothing;

  -- Waited for whoever was inserting the same name: either the same person just now, or somebody else.
  if not found then
    perform 1
    from identity
    where organization_id = in_organization
      and connection_id = over_connection
      and subject_key = wanted ->> 'subjectKey';
    if found then
      raise exception 'stale' using errcode = 'LK001';
    end if;
    raise exception 'user name taken' using errcode = 'LK003';
  end if;

  insert into identity (organization_id, connection_id, subject_key, account_id, created_at)
  values (in_organization, over_connection, wanted ->> 'subjectKey', (wanted ->> 'id')::uuid, at_now);

  perform change_grants(in_organization, (wanted ->> 'id')::uuid, wanted -> 'grantsRemoved', wanted -> 'grantsAdded');
end;
$$;

-- Raises the version only when something other than the time of the last sign-in changes, so that many sign-ins of one
-- person at once do not make each other stale.
create function change_account(in_organization text, over_connection text, wanted jsonb, at_now timestamptz)
returns void
language plpgsql
as $$
declare
  before account%rowtype;
  fields_after jsonb;
  expires_after timestamptz;
  changed boolean;
begin
  select account.*
  into before
  from account
  where organization_id = in_organization
    and id = (wanted ->> 'id')::uuid
    and version = (wanted ->> 'expectedVersion')::integer
    and state = 'active'
  for no key update;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  perform 1
  from identity
  where organization_id = in_organization
    and connection_id = over_connection
    and subject_key = wanted ->> 'subjectKey'
    and account_id = before.id;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  fields_after := jsonb_strip_nulls(before.fields || (wanted -> 'fields'));
  expires_after := coalesce((wanted ->> 'expiresAt')::timestamptz, before.expires_at);
  changed := change_grants(in_organization, before.id, wanted -> 'grantsRemoved', wanted -> 'grantsAdded')
    or fields_after <> before.fields
    or expires_after is distinct from before.expires_at
    or wanted ->> 'username' <> before.username
    or wanted ->> 'usernameKey' <> before.username_key;

  update account
  set
    username = wanted ->> 'username',
    username_key = wanted ->> 'usernameKey',
    expires_at = expires_after,
    fields = fields_after,
    updated_at = case when changed then at_now else before.updated_at end,
    last_sign_in_at = at_now,
    version = before.version + changed::integer
  where organization_id = in_organization
    and id = before.id;
end;
$$;

-- Everything a sign-in writes, or nothing: whatever is raised here undoes the whole call.
create function apply_sign_in(writes jsonb) returns void
language plpgsql
as $$
declare
  in_organization constant text := writes ->> 'organizationId';
  over_connection constant text := writes ->> 'connectionId';
  at_now constant timestamptz := (writes ->> 'now')::timestamptz;
  wanted constant jsonb := writes -> 'account';
  opened constant jsonb := writes -> 'session';
  onward constant jsonb := writes -> 'handoff';
  request_expires_at timestamptz;
begin
  perform 1
  from connection
  where organization_id = in_organization
    and id = over_connection
    and version = (writes ->> 'connectionVersion')::integer;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  insert into consumed_assertion (organization_id, connection_id, assertion_hash, remember_until)
  values (
    in_organization,
    over_connection,
    sha256(convert_to(writes -> 'assertion' ->> 'id', 'UTF8')),
    (writes -> 'assertion' ->> 'rememberUntil')::timestamptz
  );

  if writes ? 'loginRequestId' then
    delete from login_request
    where organization_id = in_organization
      and connection_id = over_connection
      and id = writes ->> 'loginRequestId'
    returning expires_at into request_expires_at;
    if request_expires_at is null or request_expires_at <= at_now then
      raise exception 'login request unknown' using errcode = 'LK002';
    end if;
  end if;

  if wanted ? 'expectedVersion' then
    perform change_account(in_organization, over_connection, wanted, at_now);
  else
    perform open_account(in_organization, over_connection, wanted, at_now);
  end if;

  insert into session (
    organization_id, id, account_id, connection_id, token_hash, name_id, session_index, created_at, last_seen_at,
    expires_at
  )
  values (
    in_organization,
    (opened ->> 'id')::uuid,
    (wanted ->> 'id')::uuid,
    over_connection,
    opened ->> 'tokenHash',
    opened ->> 'nameId',
    opened ->> 'sessionIndex',
    at_now,
    at_now,
    (opened ->> 'expiresAt')::timestamptz
  );

  if onward is not null then
    insert into handoff (
      organization_id, code_hash, session_id, application_id, browser_hash, return_to, expires_at
    )
    values (
      in_organization,
      onward ->> 'codeHash',
      (opened ->> 'id')::uuid,
      onward ->> 'applicationId',
      onward ->> 'browserHash',
      onward ->> 'returnTo',
      (onward ->> 'expiresAt')::timestamptz
    );
  end if;

  perform record_events(in_organization, wanted -> 'auditEvents');
  perform record_attempt(writes -> 'attempt');
end;
$$;
