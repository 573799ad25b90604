-- A sign-in whose response was named by an artifact: the artifact is consumed with everything else, or nothing is.
create function apply_artifact_sign_in(writes jsonb) returns void
language plpgsql
as $$
begin
  perform apply_sign_in(writes);

  insert into consumed_assertion (organization_id, connection_id, assertion_hash, remember_until)
  values (
    writes ->> 'organizationId',
    writes ->> 'connectionId',
    -- No ID of an assertion holds a space.
    sha256(convert_to('Artifact ' || (writes ->> 'artifact'), 'UTF8')),
    (writes -> 'assertion' ->> 'rememberUntil')::timestamptz
  )
  on conflict do nothing;
  if not found then
    raise exception 'artifact replayed' using errcode = 'LK010';
  end if;
end;
$$;
