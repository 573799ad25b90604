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
  set account_id = excluded.account_id;
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
