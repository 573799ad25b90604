-- Acts that take several statements, each in one call. In a volatile function every statement sees what was committed
-- before it; in a stable one all see the same. Each statement is a simple one by a whole key, so that its plan is right
-- for small and large tables. Locks are taken in one order everywhere: account, session, hand-off.
-- SQLSTATE class LK is ours: LK001 stale, LK002 login request unknown, LK003 user name taken,
-- LK004 no seat left, LK005 last administrator, LK011 link request unknown, LK012 no linking by proof any more.

-- How many were recorded.
create function record_events(in_organization text, events jsonb) returns bigint
language plpgsql
as $$
declare
  recorded bigint;
begin
  insert into audit_event (organization_id, id, at, actor, action, target, detail)
  select in_organization, event.id, event.at, event.actor, event.action, event.target, event.detail
  from jsonb_to_recordset(events)
    as event (id uuid, at timestamptz, actor text, action text, target text, detail jsonb);
  get diagnostics recorded = row_count;
  return recorded;
end;
$$;

create function record_attempt(attempt jsonb) returns void
language plpgsql
as $$
begin
  insert into sign_in_attempt (organization_id, id, connection_id, at, outcome, code, account_id, trace)
  values (
    attempt ->> 'organizationId',
    (attempt ->> 'id')::uuid,
    attempt ->> 'connectionId',
    (attempt ->> 'at')::timestamptz,
    attempt ->> 'outcome',
    attempt ->> 'code',
    (attempt ->> 'accountId')::uuid,
    attempt -> 'trace'
  );
end;
$$;
