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
) returns jsonb
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

  return jsonb_build_object(
    'session', to_jsonb(used) - 'token_hash',
    'account', to_jsonb(holder),
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
