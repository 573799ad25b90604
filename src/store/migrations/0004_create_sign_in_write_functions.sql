-- Every statement costs as much to begin as to run here, so a sign-in runs few of them: what several reads by key find is
-- one statement, and what has not changed is not written again. Four in five sign-ins change nothing but a time.

-- Whether anything changed. A grant that is there already stays as it is.
create function change_grants(in_organization text, of_account uuid, removed jsonb, added jsonb) returns boolean
language plpgsql
as $$
declare
  removals bigint := 0;
  additions bigint := 0;
begin
  if removed <> '[]' then
    update grant_set
    set held = held - given.names
    from jsonb_to_recordset(removed) as given (kind text, source text, names text[])
    where grant_set.organization_id = in_organization
      and grant_set.account_id = of_account
      and grant_set.kind = given.kind
      and grant_set.source = given.source
      and held ?| given.names;
    get diagnostics removals = row_count;
  end if;

  if added <> '[]' then
    insert into grant_set (organization_id, account_id, kind, source, held)
    select in_organization, of_account, given.kind, given.source, given.held
    from jsonb_to_recordset(added) as given (kind text, source text, held jsonb)
    on conflict (organization_id, account_id, kind, source) do update
    set held = excluded.held || grant_set.held
    where grant_set.held <> excluded.held || grant_set.held;
    get diagnostics additions = row_count;
  end if;

  return removals + additions > 0;
end;
$$;

-- One more active account where they are counted; refuses when none is left.
create function take_seat(in_organization text) returns void
language plpgsql
as $$
begin
  update organization
  set seats_taken = seats_taken + 1
  where id = in_organization
    and seats_taken < seat_limit;
  if found then
    return;
  end if;

  perform 1
  from organization
  where id = in_organization
    and seat_limit is not null;
  if found then
    raise exception 'no seat left' using errcode = 'LK004';
  end if;
end;
$$;

-- Names of the fields that are declared unique.
create function unique_fields(declared jsonb) returns text[]
language sql
immutable
as $$
  select coalesce(array_agg(key), '{}')
  from jsonb_each(declared -> 'customFields')
  where (value ->> 'unique')::boolean
$$;

-- What the account has in the fields that must be unique, in the place of what it had.
create function keep_unique_values(in_organization text, of_account uuid, account_fields jsonb, of_fields text[])
returns void
language plpgsql
as $$
begin
  delete from account_unique_value
  where account_id = of_account
    and organization_id = in_organization;

  insert into account_unique_value (organization_id, field, value_hash, account_id)
  select distinct in_organization, field, sha256(convert_to(value, 'UTF8')), of_account
  from unnest(of_fields) as named (field)
  cross join jsonb_array_elements_text(account_fields -> field -> 'values') as held (value)
  where account_fields ? field;
end;
$$;

create function open_account(in_organization text, over_connection text, wanted jsonb, at_now timestamptz)
returns void
language plpgsql
as $$
begin
  insert into account (
    organization_id, id, username, username_key, state, expires_at, ends_by_type, approval_expires_at, fields,
    created_at, updated_at, last_sign_in_at, version
  )
  values (
    in_organization,
    (wanted ->> 'id')::uuid,
    wanted ->> 'username',
    wanted ->> 'usernameKey',
    coalesce(wanted ->> 'state', 'active'),
    (wanted ->> 'expiresAt')::timestamptz,
    wanted ? 'endsByType',
    (wanted ->> 'approvalExpiresAt')::timestamptz,
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

  insert into grant_set (organization_id, account_id, kind, source, held)
  select in_organization, (wanted ->> 'id')::uuid, given.kind, given.source, given.held
  from jsonb_to_recordset(wanted -> 'grantsAdded') as given (kind text, source text, held jsonb);

  if wanted ? 'uniqueFields' then
    perform keep_unique_values(
      in_organization,
      (wanted ->> 'id')::uuid,
      jsonb_strip_nulls(wanted -> 'fields'),
      array(select jsonb_array_elements_text(wanted -> 'uniqueFields'))
    );
  end if;
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
    or wanted ? 'state'
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
    and (state = 'active' or wanted ? 'state')
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
  expires_after := case
    when wanted ? 'expiresAt' then (wanted ->> 'expiresAt')::timestamptz
    else before.expires_at
  end;
  changed := change_grants(in_organization, before.id, wanted -> 'grantsRemoved', wanted -> 'grantsAdded')
    or fields_after <> before.fields
    or expires_after is distinct from before.expires_at
    or wanted ? 'expiresAt' and wanted ? 'endsByType' <> before.ends_by_type
    or wanted ->> 'state' <> before.state
    or wanted ? 'approvalExpiresAt'
    or wanted ->> 'username' <> before.username
    or wanted ->> 'usernameKey' <> before.username_key;

  update account
  set
    username = wanted ->> 'username',
    username_key = wanted ->> 'usernameKey',
    state = coalesce(wanted ->> 'state', before.state),
    expires_at = expires_after,
    ends_by_type = case when wanted ? 'expiresAt' then wanted ? 'endsByType' else before.ends_by_type end,
    approval_expires_at = case wanted ->> 'state'
      when 'pending' then coalesce((wanted ->> 'approvalExpiresAt')::timestamptz, before.approval_expires_at)
    end,
    fields = fields_after,
    updated_at = case when changed then at_now else before.updated_at end,
    last_sign_in_at = at_now,
    version = before.version + changed::integer
  where organization_id = in_organization
    and id = before.id;

  if wanted ? 'uniqueFields' then
    perform keep_unique_values(
      in_organization, before.id, fields_after, array(select jsonb_array_elements_text(wanted -> 'uniqueFields'))
    );
  end if;
end;
$$;

-- Everything a sign-in writes, or nothing: whatever is raised here undoes the whole call. Without a session the account
-- waits for approval, and nobody is let in.
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
  attempt constant jsonb := writes -> 'attempt';
  request_expires_at timestamptz;
  events bigint;
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

  if wanted ? 'linksIdentity' then
    insert into identity (organization_id, connection_id, subject_key, account_id, created_at)
    values (in_organization, over_connection, wanted ->> 'subjectKey', (wanted ->> 'id')::uuid, at_now);
  end if;
  if not wanted ? 'expectedVersion' then
    perform open_account(in_organization, over_connection, wanted, at_now);
  elsif not keep_account(in_organization, over_connection, wanted, at_now) then
    perform change_account(in_organization, over_connection, wanted, at_now);
  end if;
  if wanted ? 'takesSeat' then
    perform take_seat(in_organization);
  end if;
  if wanted -> 'auditEvents' <> '[]' then
    events := record_events(in_organization, wanted -> 'auditEvents');
  end if;
  if opened is null then
    return;
  end if;

  insert into session (
    organization_id, id, account_id, connection_id, token_hash, name_id, exact_name_id, session_index, created_at,
    last_seen_at, expires_at
  )
  values (
    in_organization,
    (opened ->> 'id')::uuid,
    (wanted ->> 'id')::uuid,
    over_connection,
    opened ->> 'tokenHash',
    opened ->> 'nameId',
    opened ->> 'exactNameId',
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

  insert into sign_in_attempt (organization_id, id, connection_id, at, outcome, account_id, trace)
  values (
    in_organization,
    (attempt ->> 'id')::uuid,
    over_connection,
    (attempt ->> 'at')::timestamptz,
    'accepted',
    (wanted ->> 'id')::uuid,
    attempt -> 'trace'
  );
end;
$$;

-- Several sign-ins in one transaction: whether each was applied. They are tried all in one, and when anything is raised each by
-- itself, so that it undoes one alone. One that would have to wait long for a lock is left to be applied alone, so that it
-- does not hold up the others.
create function apply_sign_ins(several jsonb) returns json
language plpgsql
as $$
declare
  writes jsonb;
  applied boolean[];
begin
  perform set_config('lock_timeout', '50ms', true);
  begin
    for writes in select value from jsonb_array_elements(several)
    loop
      perform apply_sign_in(writes);
      applied := applied || true;
    end loop;
    return to_json(applied);
  exception
    when others then
      applied := null;
  end;

  for writes in select value from jsonb_array_elements(several)
  loop
    begin
      perform apply_sign_in(writes);
      applied := applied || true;
    exception
      when others then
        applied := applied || false;
    end;
  end loop;
  return to_json(applied);
end;
$$;

-- Ends an account because a verified assertion says that its time has passed: the end is moved up, its sessions go.
create function end_account(ending jsonb) returns void
language plpgsql
as $$
declare
  in_organization constant text := ending ->> 'organizationId';
  of_account constant uuid := (ending ->> 'accountId')::uuid;
begin
  insert into consumed_assertion (organization_id, connection_id, assertion_hash, remember_until)
  values (
    in_organization,
    ending ->> 'connectionId',
    sha256(convert_to(ending -> 'assertion' ->> 'id', 'UTF8')),
    (ending -> 'assertion' ->> 'rememberUntil')::timestamptz
  );

  update account
  set
    expires_at = (ending ->> 'expiresAt')::timestamptz,
    ends_by_type = ending ? 'endsByType',
    updated_at = (ending ->> 'now')::timestamptz,
    version = version + 1
  where organization_id = in_organization
    and id = of_account
    and version = (ending ->> 'expectedVersion')::integer;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  delete from session
  where organization_id = in_organization
    and account_id = of_account;

  perform record_events(in_organization, jsonb_build_array(ending -> 'event'));
end;
$$;
