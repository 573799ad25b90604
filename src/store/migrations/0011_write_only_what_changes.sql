-- Every statement costs as much to begin as to run here, so a sign-in runs few of them: what several reads by key find is
-- one statement, and what has not changed is not written again. Four in five sign-ins change nothing but a time.

-- Columns, not rows: json looks a column's type up once for each value it is told.
create or replace function grants_of(in_organization text, of_account uuid) returns json
language plpgsql
stable
as $$
begin
  return (
    select json_build_object(
      'kind', coalesce(array_agg(kind), '{}'),
      'name', coalesce(array_agg(name), '{}'),
      'source', coalesce(array_agg(source), '{}'),
      'rule', coalesce(array_agg(rule), '{}'),
      'since', coalesce(array_agg(since), '{}')
    )
    from (
      select kind, name, source, rule, since
      from account_grant
      where organization_id = in_organization
        and account_id = of_account
      order by kind, name, source
    ) as held
  );
end;
$$;

create or replace function read_sign_in_state(
  in_organization text, over_connection text, of_subject text, of_username text, of_request text
) returns json
language plpgsql
stable
as $$
declare
  connection_version integer;
  known_id uuid;
  holder_id uuid;
begin
  select
    version,
    (
      select account_id
      from identity
      where organization_id = in_organization
        and connection_id = over_connection
        and subject_key = of_subject
    ),
    (
      select id
      from account
      where organization_id = in_organization
        and username_key = of_username
    )
  into connection_version, known_id, holder_id
  from connection
  where organization_id = in_organization
    and id = over_connection;
  if not found then
    return null;
  end if;

  return json_build_object(
    'connectionVersion', connection_version,
    'account', (
      select row_to_json(account)
      from account
      where organization_id = in_organization
        and id = known_id
    ),
    'grants', grants_of(in_organization, known_id),
    'usernameHolderId', nullif(holder_id, known_id),
    'roles', (
      select coalesce(json_agg(role order by name), '[]')
      from role
      where organization_id = in_organization
    ),
    'loginRequest', (
      select row_to_json(login_request)
      from login_request
      where organization_id = in_organization
        and connection_id = over_connection
        and id = of_request
    )
  );
end;
$$;

-- Whether anything changed. A grant that is there already counts only when its rule is another.
create or replace function change_grants(in_organization text, of_account uuid, removed jsonb, added jsonb)
returns boolean
language plpgsql
as $$
declare
  removals bigint := 0;
  additions bigint := 0;
begin
  if removed <> '[]' then
    delete from account_grant
    using jsonb_to_recordset(removed) as given (kind text, name text, source text)
    where account_grant.organization_id = in_organization
      and account_grant.account_id = of_account
      and account_grant.kind = given.kind
      and account_grant.name = given.name
      and account_grant.source = given.source;
    get diagnostics removals = row_count;
  end if;

  if added <> '[]' then
    insert into account_grant (organization_id, account_id, kind, name, source, rule, since)
    select distinct on (given.kind, given.name, given.source)
      in_organization, of_account, given.kind, given.name, given.source, given.rule, given.since
    from jsonb_to_recordset(added)
      as given (kind text, name text, source text, rule text, since timestamptz)
    on conflict (organization_id, account_id, kind, name, source) do update
    set rule = excluded.rule, since = excluded.since
    where account_grant.rule <> excluded.rule;
    get diagnostics additions = row_count;
  end if;

  return removals + additions > 0;
end;
$$;

-- Whether the account stands as it is wanted: then nothing but the time of its last sign-in is written. False may also mean
-- that the plan is stale, which `change_account` tells.
create function keep_account(in_organization text, over_connection text, wanted jsonb, at_now timestamptz)
returns boolean
language plpgsql
as $$
begin
  if wanted ? 'expiresAt'
    or wanted -> 'fields' <> '{}'
    or wanted -> 'grantsRemoved' <> '[]'
    or wanted -> 'grantsAdded' <> '[]'
  then
    return false;
  end if;

  update account
  set last_sign_in_at = at_now
  where organization_id = in_organization
    and id = (wanted ->> 'id')::uuid
    and version = (wanted ->> 'expectedVersion')::integer
    and state = 'active'
    and username = wanted ->> 'username'
    and username_key = wanted ->> 'usernameKey'
    and id = (
      select account_id
      from identity
      where organization_id = in_organization
        and connection_id = over_connection
        and subject_key = wanted ->> 'subjectKey'
    );
  return found;
end;
$$;

-- Everything a sign-in writes, or nothing: whatever is raised here undoes the whole call.
create or replace function apply_sign_in(writes jsonb) returns void
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
  insert into consumed_assertion (organization_id, connection_id, assertion_hash, remember_until)
  select
    in_organization,
    over_connection,
    sha256(convert_to(writes -> 'assertion' ->> 'id', 'UTF8')),
    (writes -> 'assertion' ->> 'rememberUntil')::timestamptz
  from connection
  where organization_id = in_organization
    and id = over_connection
    and version = (writes ->> 'connectionVersion')::integer;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

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

  if not wanted ? 'expectedVersion' then
    perform open_account(in_organization, over_connection, wanted, at_now);
  elsif not keep_account(in_organization, over_connection, wanted, at_now) then
    perform change_account(in_organization, over_connection, wanted, at_now);
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

  if wanted -> 'auditEvents' <> '[]' then
    perform record_events(in_organization, wanted -> 'auditEvents');
  end if;
  perform record_attempt(writes -> 'attempt');
end;
$$;
