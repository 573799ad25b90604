-- Acts that take several statements, each in one call. Every statement inside sees what was committed before it, which
-- the parts of a single statement would not. Locks are taken in one order everywhere: account, session, hand-off.
-- SQLSTATE class LK is ours: LK001 stale, LK002 login request unknown, LK003 user name taken.

-- How many were recorded.
create function record_events(in_organization text, events jsonb) returns bigint
language plpgsql
as $$
declare
  recorded bigint;
begin
  insert into audit_event (organization_id, id, at, actor, action, target, detail)
  select in_organization, event.id, event.at, event.actor, event.action, event.target, event.detail
  from jsonb_to_recordset(events)
    as event (id uuid, at timestamptz, actor text, action text, target text, detail jsonb);
  get diagnostics recorded = row_count;
  return recorded;
end;
$$;

create function record_attempt(attempt jsonb) returns void
language plpgsql
as $$
begin
  insert into sign_in_attempt (organization_id, id, connection_id, at, outcome, code, account_id, trace)
  values (
    attempt ->> 'organizationId',
    (attempt ->> 'id')::uuid,
    attempt ->> 'connectionId',
    (attempt ->> 'at')::timestamptz,
    attempt ->> 'outcome',
    attempt ->> 'code',
    (attempt ->> 'accountId')::uuid,
    attempt -> 'trace'
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
      and expires_at > at_now;
    if not found then
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

-- How many sessions ended; null: no such account.
create function set_account_state(
  in_organization text, of_account uuid, wanted text, at_now timestamptz, event jsonb
) returns bigint
language plpgsql
as $$
declare
  ended bigint := 0;
begin
  update account
  set
    state = wanted,
    updated_at = case when state <> wanted then at_now else updated_at end,
    version = version + (state <> wanted)::integer
  where organization_id = in_organization
    and id = of_account;
  if not found then
    return null;
  end if;

  if wanted <> 'active' then
    delete from session
    where organization_id = in_organization
      and account_id = of_account;
    get diagnostics ended = row_count;
  end if;

  perform record_events(in_organization, jsonb_build_array(event));
  return ended;
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
  join account on account.organization_id = session.organization_id and account.id = session.account_id
  where session.organization_id = way.organization_id
    and session.id = way.session_id
    and session.expires_at > at_now
    and account.state = 'active'
    and (account.expires_at is null or account.expires_at > at_now)
  for key share of session;
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

-- Keeps the key unless one of its purpose exists. Nodes that start at once wait for each other.
create function ensure_service_key(key jsonb) returns void
language plpgsql
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('latchkey:service_key:' || (key ->> 'purpose'), 0));

  insert into service_key (id, purpose, sealed_private_key, public_part, created_at)
  select
    key ->> 'id',
    key ->> 'purpose',
    key ->> 'sealedPrivateKey',
    key ->> 'publicPart',
    (key ->> 'createdAt')::timestamptz
  where not exists (
    select
    from service_key
    where purpose = key ->> 'purpose'
  );
end;
$$;
