create function administers(in_organization text, of_account uuid) returns boolean
language plpgsql
stable
as $$
begin
  return exists (
    select
    from account_grant
    join role on role.organization_id = account_grant.organization_id and role.name = account_grant.name
    where account_grant.organization_id = in_organization
      and account_grant.account_id = of_account
      and account_grant.kind = 'role'
      and role.kind = 'administration'
  );
end;
$$;

-- Undoes an act that has left nobody who administers the organization. A local administrator counts who could come in.
create function keep_an_administrator(in_organization text, at_now timestamptz) returns void
language plpgsql
as $$
begin
  -- One at a time: two that take each other for the one who stays would leave nobody.
  perform 1
  from organization
  where id = in_organization
  for update;
  perform 1
  from role
  join account_grant
    on account_grant.organization_id = role.organization_id
    and account_grant.name = role.name
    and account_grant.kind = 'role'
  join account on account.organization_id = account_grant.organization_id and account.id = account_grant.account_id
  where role.organization_id = in_organization
    and role.kind = 'administration'
    and account.state = 'active'
    and (account.expires_at is null or account.expires_at > at_now)
    and (not is_local(account.id) or can_break_glass(account.organization_id, account.id))
  limit 1;
  if not found then
    raise exception 'last administrator' using errcode = 'LK005';
  end if;
end;
$$;

-- How many sessions ended; null: no such account. Stale: it is in another state than the one that was decided on.
create function set_account_state(
  in_organization text, of_account uuid, expected text, wanted text, at_now timestamptz, event jsonb
) returns bigint
language plpgsql
as $$
declare
  state_before text;
  ended bigint := 0;
begin
  select state
  into state_before
  from account
  where organization_id = in_organization
    and id = of_account
  for no key update;
  if not found then
    return null;
  end if;
  if state_before <> expected then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  if state_before <> wanted then
    update account
    set
      state = wanted,
      approval_expires_at = null,
      updated_at = at_now,
      version = version + 1
    where organization_id = in_organization
      and id = of_account;
    delete from approval_note
    where organization_id = in_organization
      and account_id = of_account;
    if wanted = 'active' then
      -- Local administrators take no seat.
      if not is_local(of_account) then
        perform take_seat(in_organization);
      end if;
    elsif state_before = 'active' then
      if administers(in_organization, of_account) then
        perform keep_an_administrator(in_organization, at_now);
      end if;
      update organization
      set seats_taken = seats_taken - 1
      where id = in_organization
        and seat_limit is not null
        and not is_local(of_account);
    end if;
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

-- A role given or taken back by hand. False: no such account.
create function change_role_by_hand(in_organization text, of_account uuid, removed jsonb, added jsonb, event jsonb)
returns boolean
language plpgsql
as $$
declare
  at_now constant timestamptz := (event ->> 'at')::timestamptz;
  administered boolean;
begin
  select state = 'active' and administers(organization_id, id)
  into administered
  from account
  where organization_id = in_organization
    and id = of_account
  for no key update;
  if not found then
    return false;
  end if;

  if change_grants(in_organization, of_account, removed, added) then
    update account
    set updated_at = at_now, version = version + 1
    where organization_id = in_organization
      and id = of_account;
    if administered and not administers(in_organization, of_account) then
      perform keep_an_administrator(in_organization, at_now);
    end if;
    perform record_events(in_organization, jsonb_build_array(event));
  end if;
  return true;
end;
$$;

-- Where a limit is set or changed, active accounts are counted anew, and whoever planned without it plans again.
create function update_organization(
  of_organization text, wanted_name text, wanted_limit integer, wanted_declared jsonb, event jsonb
)
returns boolean
language plpgsql
as $$
declare
  limit_before integer;
  declared_before jsonb;
begin
  select seat_limit, declared
  into limit_before, declared_before
  from organization
  where id = of_organization
  for update;
  if not found then
    return false;
  end if;

  -- So that every node loads its connections again.
  if wanted_limit is distinct from limit_before or wanted_declared <> declared_before then
    update connection
    set version = version + 1
    where organization_id = of_organization;
  end if;
  update organization
  set
    name = wanted_name,
    declared = wanted_declared,
    seat_limit = wanted_limit,
    seats_taken = case when wanted_limit is null then 0 else (
      select count(*)
      from account
      where organization_id = of_organization
        and state = 'active'
        and not is_local(id)
    ) end
  where id = of_organization;

  if wanted_declared <> declared_before then
    perform keep_unique_values(of_organization, id, fields, unique_fields(wanted_declared))
    from account
    where organization_id = of_organization;
  end if;

  perform record_events(of_organization, jsonb_build_array(event));
  return true;
end;
$$;

-- Keeps the key unless one of its purpose exists. Nodes that start at once wait for each other.
create function ensure_service_key(key jsonb) returns void
language plpgsql
as $$
begin
  perform pg_advisory_xact_lock(hashtextextended('latchkey:service_key:' || (key ->> 'purpose'), 0));

  insert into service_key (id, purpose, sealed_private_key, public_part, created_at, promoted_at)
  select
    key ->> 'id',
    key ->> 'purpose',
    key ->> 'sealedPrivateKey',
    key ->> 'publicPart',
    (key ->> 'createdAt')::timestamptz,
    (key ->> 'createdAt')::timestamptz
  where not exists (
    select
    from service_key
    where purpose = key ->> 'purpose'
  );
end;
$$;
