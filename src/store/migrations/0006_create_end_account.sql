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
