-- Whether the request asked for signing in anew (ForceAuthn): what answers it is held to that.
alter table login_request add column force_authn boolean not null default false;

create or replace function begin_login_request(request jsonb, most_per_connection integer, most_per_browser integer)
returns boolean
language plpgsql
as $$
declare
  in_organization constant text := request ->> 'organizationId';
  over_connection constant text := request ->> 'connectionId';
  at_now constant timestamptz := (request ->> 'createdAt')::timestamptz;
  of_browser constant text := request ->> 'browserHash';
  pending bigint;
  crowded_out text[];
begin
  perform 1
  from connection
  where organization_id = in_organization
    and id = over_connection;
  if not found then
    return null;
  end if;

  select count(*)
  into pending
  from login_request
  where connection_id = over_connection
    and expires_at > at_now;
  if pending >= most_per_connection then
    return false;
  end if;

  insert into login_request (
    organization_id, connection_id, id, browser_hash, return_to, handoff_application_id, handoff_browser_hash,
    force_authn, created_at, expires_at
  )
  values (
    in_organization,
    over_connection,
    request ->> 'id',
    of_browser,
    request ->> 'returnTo',
    request -> 'handoff' ->> 'applicationId',
    request -> 'handoff' ->> 'browserHash',
    coalesce((request ->> 'forceAuthn')::boolean, false),
    at_now,
    (request ->> 'expiresAt')::timestamptz
  );

  crowded_out := array(
    select id
    from login_request
    where browser_hash = of_browser
      and connection_id = over_connection
    order by created_at desc, id desc
    offset most_per_browser
  );
  if cardinality(crowded_out) > 0 then
    delete from login_request
    where organization_id = in_organization
      and connection_id = over_connection
      and id = any (crowded_out);
  end if;
  return true;
end;
$$;
