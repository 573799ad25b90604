-- PostgreSQL before 17 reads every account of the organization for `id = any (…) order by id`.

-- Ends what a verified LogoutRequest names, once: the sign-ins of a NameID over one connection, all of them or those of some
-- SessionIndexes. Null: the request was used before.
create or replace function end_sessions_by_name_id(wanted jsonb) returns jsonb
language plpgsql
as $$
declare
  in_organization constant text := wanted ->> 'organizationId';
  over_connection constant text := wanted ->> 'connectionId';
  of_name_id constant text := wanted ->> 'nameId';
  of_indexes constant jsonb := wanted -> 'sessionIndexes';
  holders uuid[];
  holder uuid;
  ended bigint := 0;
  known boolean;
begin
  insert into consumed_assertion (organization_id, connection_id, assertion_hash, remember_until)
  values (
    in_organization,
    over_connection,
    -- No ID of an assertion holds a space.
    sha256(convert_to('LogoutRequest ' || (wanted ->> 'requestId'), 'UTF8')),
    (wanted ->> 'rememberUntil')::timestamptz
  )
  on conflict do nothing;
  if not found then
    return null;
  end if;

  select array_agg(distinct account_id order by account_id)
  into holders
  from session
  where name_id = of_name_id
    and organization_id = in_organization
    and connection_id = over_connection;

  -- In the order in which everybody locks: accounts first, each by its whole key.
  foreach holder in array coalesce(holders, '{}') loop
    perform 1
    from account
    where organization_id = in_organization
      and id = holder
    for no key update;
  end loop;

  delete from session
  where name_id = of_name_id
    and organization_id = in_organization
    and connection_id = over_connection
    and (jsonb_array_length(of_indexes) = 0 or of_indexes ? session_index);
  get diagnostics ended = row_count;

  if ended > 0 then
    perform record_events(in_organization, jsonb_build_array(
      wanted -> 'event' || jsonb_build_object(
        'target', 'account:' || holders[1],
        'detail', wanted -> 'event' -> 'detail' || jsonb_build_object('sessionsEnded', ended)
      )
    ));
  end if;

  select holders is not null or exists (
    select
    from identity
    where organization_id = in_organization
      and connection_id = over_connection
      and subject_key = of_name_id
  )
  into known;
  return jsonb_build_object('sessionsEnded', ended, 'isKnown', known);
end;
$$;
