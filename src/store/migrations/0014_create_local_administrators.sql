-- Accounts that no connection can touch. Which they are their ids tell: `is_local`, with the tables.
create table local_administrator (
  organization_id text collate "C" not null,
  account_id uuid not null check (is_local(account_id)),
  created_at timestamptz(3) not null,
  -- The one link with which a passkey can be registered.
  enrolment_hash text collate "C",
  enrolment_expires_at timestamptz(3),
  primary key (organization_id, account_id),
  constraint local_administrator_enrolment_key unique (enrolment_hash),
  constraint local_administrator_account_fkey foreign key (organization_id, account_id) references account
    on delete cascade deferrable
);

-- 96 random bits each, so a plain SHA-256 keeps them: nobody can try them all.
create table recovery_code (
  organization_id text collate "C" not null,
  account_id uuid not null,
  number integer not null,
  code_hash text collate "C" not null,
  created_at timestamptz(3) not null,
  used_at timestamptz(3),
  primary key (organization_id, account_id, number),
  constraint recovery_code_hash_key unique (code_hash),
  constraint recovery_code_holder_fkey foreign key (organization_id, account_id) references local_administrator
    on delete cascade deferrable
);

create table passkey (
  organization_id text collate "C" not null,
  account_id uuid not null,
  credential_id text collate "C" not null,
  name text not null,
  public_key text not null,
  counter bigint not null,
  is_synced boolean not null,
  created_at timestamptz(3) not null,
  last_used_at timestamptz(3),
  primary key (organization_id, account_id, credential_id),
  constraint passkey_credential_key unique (credential_id),
  constraint passkey_holder_fkey foreign key (organization_id, account_id) references local_administrator
    on delete cascade deferrable
);

-- Whether this local administrator could come in at this moment.
create function can_break_glass(in_organization text, of_account uuid) returns boolean
language plpgsql
stable
as $$
begin
  return exists (
    select
    from recovery_code
    where organization_id = in_organization
      and account_id = of_account
      and used_at is null
  ) or exists (
    select
    from passkey
    where organization_id = in_organization
      and account_id = of_account
  );
end;
$$;

create function keep_recovery_codes(in_organization text, of_account uuid, codes jsonb, at_now timestamptz) returns void
language plpgsql
as $$
begin
  delete from recovery_code
  where organization_id = in_organization
    and account_id = of_account;

  insert into recovery_code (organization_id, account_id, number, code_hash, created_at)
  select in_organization, of_account, code.number, code."codeHash", at_now
  from jsonb_to_recordset(codes) as code (number integer, "codeHash" text);
end;
$$;

create function create_local_administrator(wanted jsonb, event jsonb) returns void
language plpgsql
as $$
declare
  in_organization constant text := wanted ->> 'organizationId';
  of_account constant uuid := wanted ->> 'accountId';
  at_now constant timestamptz := wanted ->> 'createdAt';
begin
  insert into account (
    organization_id, id, username, username_key, state, fields, created_at, updated_at, version
  )
  values (
    in_organization, of_account, wanted ->> 'username', wanted ->> 'usernameKey', 'active', '{}', at_now, at_now, 1
  )
  on conflict (organization_id, username_key) do nothing;
  if not found then
    raise exception 'user name taken' using errcode = 'LK003';
  end if;

  insert into local_administrator (organization_id, account_id, created_at, enrolment_hash, enrolment_expires_at)
  values (
    in_organization,
    of_account,
    at_now,
    wanted -> 'enrolment' ->> 'codeHash',
    (wanted -> 'enrolment' ->> 'expiresAt')::timestamptz
  );
  perform keep_recovery_codes(in_organization, of_account, wanted -> 'codes', at_now);
  perform change_grants(in_organization, of_account, '[]', wanted -> 'grants');
  perform record_events(in_organization, jsonb_build_array(event));
end;
$$;

-- Takes the way in with it, and every session. False: no such local administrator.
create function remove_local_administrator(in_organization text, of_account uuid, event jsonb) returns boolean
language plpgsql
as $$
declare
  administered boolean;
begin
  select state = 'active' and administers(organization_id, id) and can_break_glass(organization_id, id)
  into administered
  from account
  where organization_id = in_organization
    and id = of_account
    and is_local(id)
  for update;
  if not found then
    return false;
  end if;

  delete from account
  where organization_id = in_organization
    and id = of_account;
  if administered then
    perform keep_an_administrator(in_organization, (event ->> 'at')::timestamptz);
  end if;
  perform record_events(in_organization, jsonb_build_array(event));
  return true;
end;
$$;

-- False: this local administrator has no such passkey.
create function remove_passkey(in_organization text, of_account uuid, of_credential text, event jsonb) returns boolean
language plpgsql
as $$
begin
  perform 1
  from account
  where organization_id = in_organization
    and id = of_account
  for no key update;

  delete from passkey
  where organization_id = in_organization
    and account_id = of_account
    and credential_id = of_credential;
  if not found then
    return false;
  end if;
  if administers(in_organization, of_account) and not can_break_glass(in_organization, of_account) then
    perform keep_an_administrator(in_organization, (event ->> 'at')::timestamptz);
  end if;
  perform record_events(in_organization, jsonb_build_array(event));
  return true;
end;
$$;

-- Uses the link up. False: it is wrong, was used or has run out, or its account has no access.
create function add_passkey(wanted jsonb, event jsonb) returns boolean
language plpgsql
as $$
declare
  in_organization constant text := wanted ->> 'organizationId';
  of_account constant uuid := wanted ->> 'accountId';
  at_now constant timestamptz := event ->> 'at';
begin
  perform 1
  from account
  where organization_id = in_organization
    and id = of_account
    and state = 'active'
  for no key update;
  if not found then
    return false;
  end if;

  update local_administrator
  set enrolment_hash = null, enrolment_expires_at = null
  where organization_id = in_organization
    and account_id = of_account
    and enrolment_hash = wanted ->> 'enrolmentHash'
    and enrolment_expires_at > at_now;
  if not found then
    return false;
  end if;

  insert into passkey (
    organization_id, account_id, credential_id, name, public_key, counter, is_synced, created_at
  )
  values (
    in_organization,
    of_account,
    wanted ->> 'credentialId',
    wanted ->> 'name',
    wanted ->> 'publicKey',
    (wanted ->> 'counter')::bigint,
    (wanted ->> 'isSynced')::boolean,
    at_now
  );
  perform record_events(in_organization, jsonb_build_array(event));
  return true;
end;
$$;

-- Uses the recovery code up, or counts the passkey on and its challenge as used. Stale: it was used or overtaken meanwhile.
create function use_local_proof(in_organization text, of_account uuid, proof jsonb, at_now timestamptz)
returns void
language plpgsql
as $$
begin
  if proof ? 'codeHash' then
    update recovery_code
    set used_at = at_now
    where organization_id = in_organization
      and account_id = of_account
      and code_hash = proof ->> 'codeHash'
      and used_at is null;
  else
    insert into consumed_assertion (organization_id, connection_id, assertion_hash, remember_until)
    values (
      in_organization,
      'break-glass:' || in_organization,
      sha256(convert_to(proof ->> 'challengeHash', 'UTF8')),
      (proof ->> 'until')::timestamptz
    )
    on conflict do nothing;
    if not found then
      raise exception 'stale' using errcode = 'LK001';
    end if;

    update passkey
    set counter = (proof ->> 'counter')::bigint, last_used_at = at_now
    where organization_id = in_organization
      and account_id = of_account
      and credential_id = proof ->> 'credentialId'
      and (counter < (proof ->> 'counter')::bigint or (counter = 0 and (proof ->> 'counter')::bigint = 0));
  end if;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;
end;
$$;

-- Everything that letting a local administrator in writes, or nothing: whatever is raised here undoes the whole call. Gives
-- how many recovery codes are left.
create function enter_locally(entry jsonb) returns integer
language plpgsql
as $$
declare
  in_organization constant text := entry ->> 'organizationId';
  of_account constant uuid := entry ->> 'accountId';
  at_now constant timestamptz := entry ->> 'now';
  opened constant jsonb := entry -> 'session';
  codes_left integer;
begin
  perform 1
  from account
  where organization_id = in_organization
    and id = of_account
    and is_local(id)
    and state = 'active'
  for no key update;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;
  perform use_local_proof(in_organization, of_account, entry -> 'proof', at_now);

  update account
  set last_sign_in_at = at_now
  where organization_id = in_organization
    and id = of_account;

  insert into session (
    organization_id, id, account_id, connection_id, token_hash, created_at, last_seen_at, expires_at
  )
  values (
    in_organization,
    (opened ->> 'id')::uuid,
    of_account,
    'break-glass:' || in_organization,
    opened ->> 'tokenHash',
    at_now,
    at_now,
    (opened ->> 'expiresAt')::timestamptz
  );

  select count(*)
  into codes_left
  from recovery_code
  where organization_id = in_organization
    and account_id = of_account
    and used_at is null;
  perform record_events(in_organization, jsonb_build_array(jsonb_set(
    entry -> 'event', '{detail,codesLeft}', to_jsonb(codes_left)
  )));
  perform record_attempt(entry -> 'attempt');
  return codes_left;
end;
$$;
