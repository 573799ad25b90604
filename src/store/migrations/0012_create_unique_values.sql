-- Values of fields that an organization declares unique. Hashed, because a row of an index holds at most 2,704 bytes.
create table account_unique_value (
  organization_id text collate "C" not null,
  field text collate "C" not null,
  value_hash bytea not null,
  account_id uuid not null,
  primary key (organization_id, field, value_hash),
  constraint account_unique_value_account_fkey foreign key (organization_id, account_id) references account
    on delete cascade deferrable
);

create index account_unique_value_account on account_unique_value (account_id);
