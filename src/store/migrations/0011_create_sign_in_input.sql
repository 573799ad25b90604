-- What the last accepted sign-in of each person said, sealed: what a replay goes by. Written after the sign-in, in batches.
create table sign_in_input (
  organization_id text collate "C" not null,
  connection_id text collate "C" not null,
  account_id uuid not null,
  attempt_id uuid not null,
  at timestamptz(3) not null,
  sealed text not null,
  primary key (organization_id, connection_id, account_id),
  constraint sign_in_input_account_fkey foreign key (organization_id, account_id) references account
    on delete cascade deferrable
);

create index sign_in_input_account on sign_in_input (account_id, organization_id);

create index sign_in_input_at on sign_in_input (at);
