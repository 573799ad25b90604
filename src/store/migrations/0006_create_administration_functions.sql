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
