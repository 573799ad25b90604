-- A sign-in that waits for answers of the person. The ticket in the address of the page is a secret: the table holds the
-- SHA-256. The row outlives its session, so that whoever was suspended meanwhile can be told.
create table set_up (
  organization_id text collate "C" not null,
  ticket_hash text collate "C" not null,
  connection_id text collate "C" not null,
  account_id uuid not null,
  -- Nobody has the token of this session before the person has answered.
  session_id uuid not null,
  browser_hash text collate "C" not null,
  return_to text not null,
  fields jsonb not null,
  expires_at timestamptz(3) not null,
  -- Null: nobody has answered yet.
  done_at timestamptz(3),
  primary key (organization_id, ticket_hash),
  constraint set_up_ticket_key unique (ticket_hash),
  constraint set_up_account_fkey foreign key (organization_id, account_id) references account
    on delete cascade deferrable
);

create index set_up_account on set_up (account_id, organization_id);

create index set_up_expiry on set_up (expires_at);

-- A sign-in that ends at the page for set-up: everything is written as for any other, and what the page needs.
create function apply_held_sign_in(writes jsonb) returns void
language plpgsql
as $$
declare
  wanted constant jsonb := writes -> 'setUp';
begin
  if writes ? 'artifact' then
    perform apply_artifact_sign_in(writes);
  else
    perform apply_sign_in(writes);
  end if;

  insert into set_up (
    organization_id, ticket_hash, connection_id, account_id, session_id, browser_hash, return_to, fields, expires_at
  )
  values (
    writes ->> 'organizationId',
    wanted ->> 'ticketHash',
    writes ->> 'connectionId',
    (writes -> 'account' ->> 'id')::uuid,
    (writes -> 'session' ->> 'id')::uuid,
    wanted ->> 'browserHash',
    wanted ->> 'returnTo',
    wanted -> 'fields',
    (wanted ->> 'expiresAt')::timestamptz
  );
end;
$$;

-- Keeps the answers and gives the session that waits its token. Whatever is not as it was read is stale: of several who
-- answer at once, one is first.
create function complete_set_up(writes jsonb) returns void
language plpgsql
as $$
declare
  in_organization constant text := writes ->> 'organizationId';
  of_account constant uuid := (writes ->> 'accountId')::uuid;
  at_now constant timestamptz := (writes ->> 'now')::timestamptz;
  answers constant jsonb := writes -> 'fields';
  fields_after jsonb;
  waiting_session uuid;
begin
  select account.fields || answers
  into fields_after
  from account
  where organization_id = in_organization
    and id = of_account
    and version = (writes ->> 'expectedVersion')::integer
    and state = 'active'
    and (expires_at is null or expires_at > at_now)
  for no key update;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  perform 1
  from connection
  where organization_id = in_organization
    and id = writes ->> 'connectionId'
    and version = (writes ->> 'connectionVersion')::integer;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  update set_up
  set done_at = at_now
  where organization_id = in_organization
    and ticket_hash = writes ->> 'ticketHash'
    and account_id = of_account
    and done_at is null
    and expires_at > at_now
  returning session_id into waiting_session;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  update session
  set token_hash = writes ->> 'tokenHash',
      last_seen_at = at_now
  where organization_id = in_organization
    and id = waiting_session
    and expires_at > at_now;
  if not found then
    raise exception 'stale' using errcode = 'LK001';
  end if;

  if answers <> '{}' then
    update account
    set fields = fields_after,
        updated_at = at_now,
        version = version + 1
    where organization_id = in_organization
      and id = of_account;
  end if;
  if writes ? 'uniqueFields' then
    perform keep_unique_values(
      in_organization, of_account, fields_after, array(select jsonb_array_elements_text(writes -> 'uniqueFields'))
    );
  end if;

  perform record_events(in_organization, writes -> 'events');
end;
$$;
