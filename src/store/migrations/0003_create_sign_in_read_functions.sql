-- What is only sent and never looked into is json: written once, where jsonb is built inside out and then written.

-- Keeps the request unless the connection has too many pending, and the latest of its browser. Connections are told
-- apart without their organization here, because the indexes are. Null: no such connection; false: too many.
create function begin_login_request(request jsonb, most_per_connection integer, most_per_browser integer)
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
    organization_id, connection_id, id, browser_hash, return_to, handoff, force_authn, created_at, expires_at, link_proof
  )
  values (
    in_organization,
    over_connection,
    request ->> 'id',
    of_browser,
    request ->> 'returnTo',
    request -> 'handoff',
    coalesce((request ->> 'forceAuthn')::boolean, false),
    at_now,
    (request ->> 'expiresAt')::timestamptz,
    request -> 'linkProof'
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

create function grants_of(in_organization text, of_account uuid) returns json
language plpgsql
stable
as $$
begin
  return (
    select json_agg(json_build_object('kind', kind, 'source', source, 'held', held))
    from grant_set
    where organization_id = in_organization
      and account_id = of_account
  );
end;
$$;

-- All that a plan may depend on; null: no such connection.
create function read_sign_in_state(
  in_organization text, over_connection text, of_subject text, of_username text, of_request text
) returns json
language plpgsql
stable
as $$
declare
  connection_version integer;
  known_id uuid;
  holder_id uuid;
begin
  select
    version,
    (
      select account_id
      from identity
      where organization_id = in_organization
        and connection_id = over_connection
        and subject_key = of_subject
    ),
    (
      select id
      from account
      where organization_id = in_organization
        and username_key = of_username
    )
  into connection_version, known_id, holder_id
  from connection
  where organization_id = in_organization
    and id = over_connection;
  if not found then
    return null;
  end if;

  return json_build_object(
    'connectionVersion', connection_version,
    'account', (
      select row_to_json(account)
      from account
      where organization_id = in_organization
        and id = known_id
    ),
    'grants', grants_of(in_organization, known_id),
    'usernameHolderId', nullif(holder_id, known_id),
    'linkCandidate', case
      when known_id is null and holder_id is not null then read_link_candidate(in_organization, holder_id)
    end,
    'roles', (
      select coalesce(json_agg(role order by name), '[]')
      from role
      where organization_id = in_organization
    ),
    -- For whoever may become active.
    'seats', case
      when known_id is null or exists (
        select
        from account
        where organization_id = in_organization
          and id = known_id
          and state = 'deactivated'
      )
      then (
        select json_build_object('limit', seat_limit, 'taken', seats_taken)
        from organization
        where id = in_organization
          and seat_limit is not null
      )
    end,
    'loginRequest', (
      select row_to_json(login_request)
      from login_request
      where organization_id = in_organization
        and connection_id = over_connection
        and id = of_request
    )
  );
end;
$$;

-- The same for several at once, in their order.
create function read_sign_in_states(queries json) returns json
language plpgsql
stable
as $$
begin
  return (
    select json_agg(
      read_sign_in_state(
        query ->> 'organizationId', query ->> 'connectionId', query ->> 'subjectKey', query ->> 'usernameKey',
        query ->> 'loginRequestId'
      )
      order by place
    )
    from json_array_elements(queries) with ordinality as asked (query, place)
  );
end;
$$;
