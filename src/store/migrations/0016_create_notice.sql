-- What administrators are to be told of, until it has been delivered.
create table notice (
  organization_id text collate "C" not null,
  id uuid not null,
  kind text collate "C" not null,
  at timestamptz(3) not null,
  content jsonb not null,
  attempts integer not null default 0,
  -- INVARIANT: whoever sends it moves this on first, so that no other node sends it meanwhile; one that dies leaves it due.
  next_attempt_at timestamptz(3) not null,
  last_error text,
  primary key (organization_id, id)
);

create index notice_due on notice (next_attempt_at);

create function keep_notice(notice jsonb) returns void
language plpgsql
as $$
begin
  insert into notice (organization_id, id, kind, at, content, next_attempt_at)
  values (
    notice ->> 'organizationId',
    (notice ->> 'id')::uuid,
    notice ->> 'kind',
    (notice ->> 'at')::timestamptz,
    notice -> 'content',
    (notice ->> 'at')::timestamptz
  )
  on conflict do nothing;
end;
$$;

-- Somebody who waits for approval, and the notice of it where they have just begun to.
create function keep_waiting(writes jsonb) returns void
language plpgsql
as $$
begin
  perform apply_sign_in(writes);
  if writes ? 'notice' then
    perform keep_notice(writes -> 'notice');
  end if;
end;
$$;

-- What somebody who waits says to whoever decides. It goes with the decision, or with the account.
create table approval_note (
  organization_id text collate "C" not null,
  account_id uuid not null,
  text text not null,
  written_at timestamptz(3) not null,
  is_final boolean not null default false,
  primary key (organization_id, account_id),
  constraint approval_note_account_fkey foreign key (organization_id, account_id) references account
    on delete cascade deferrable
);

-- False: it was changed once already. Null: nobody of this id waits.
create function write_approval_note(in_organization text, of_account uuid, of_text text, event jsonb) returns boolean
language plpgsql
as $$
declare
  at_now constant timestamptz := (event ->> 'at')::timestamptz;
begin
  perform 1
  from account
  where organization_id = in_organization
    and id = of_account
    and state = 'pending'
    and approval_expires_at > at_now
  for no key update;
  if not found then
    return null;
  end if;

  insert into approval_note (organization_id, account_id, text, written_at)
  values (in_organization, of_account, of_text, at_now)
  on conflict (organization_id, account_id) do update
  set text = excluded.text, written_at = excluded.written_at, is_final = true
  where not approval_note.is_final;
  if not found then
    return false;
  end if;

  perform record_events(in_organization, jsonb_build_array(event));
  return true;
end;
$$;
