import type { Client } from 'pg'

/**
 * Fills a database with persons who were here before, by copies of one who really signed in, in statements over whole sets.
 * Copies have two of the template's grants, an audit event and a record of their sign-in without its trace; sessions and
 * consumed assertions run out and are left away. The template is person 1 of the crowd `filled`.
 */
export const filledCrowd = 'filled'

export async function fillAccounts(client: Client, numbers: { readonly step: number; readonly last: number }) {
  // Foreign keys of copies hold by themselves; checking them row by row is most of the time otherwise.
  await client.query('set session_replication_role = replica; set synchronous_commit = off; set statement_timeout = 0')
  for (const copy of copies) await copyRows(client, copy, numbers)
  await client.query('checkpoint')
}

interface Copy {
  readonly table: string
  /** Which rows of the template are copied, after `from` and the table. */
  readonly which: string
  /** What differs from the template; `number` is the person's. */
  readonly differing: Readonly<Record<string, string>>
}

/** In the order of creation, as those of real accounts are. */
const id = (kind: number) => `('00000000-0000-7000-800${kind}-' || lpad(to_hex(number), 12, '0'))::uuid`

const copies: readonly Copy[] = [
  {
    table: 'grant_set',
    which: `where kind = 'group' limit 1`,
    differing: {
      account_id: id(0),
      held: '(select jsonb_object_agg(key, value) from (select * from jsonb_each(held) order by key limit 2) as few)',
    },
  },
  {
    table: 'identity',
    which: 'limit 1',
    differing: { account_id: id(0), subject_key: `replace(subject_key, 'filled-1', 'filled-' || number)` },
  },
  {
    table: 'audit_event',
    which: `where action = 'account.created' limit 1`,
    differing: { id: id(1), detail: `'{}'` },
  },
  {
    table: 'sign_in_attempt',
    which: 'limit 1',
    differing: { id: id(2), account_id: id(0), trace: `'[]'` },
  },
  {
    table: 'account',
    which: 'limit 1',
    differing: {
      id: id(0),
      username: `'filled' || number`,
      username_key: `'filled' || number`,
      fields: `replace(replace(fields::text, 'filled1', 'filled' || number), 'Person 1', 'Person ' || number)::jsonb`,
    },
  },
]

async function copyRows(
  client: Client,
  { table, which, differing }: Copy,
  { step, last }: { readonly step: number; readonly last: number },
): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `select attname as name from pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table],
  )
  const names = rows.map(({ name }) => name)
  await client.query(`
    insert into ${table} (${names.join(', ')})
    select ${names.map((name) => differing[name] ?? name).join(', ')}
    from (select * from ${table} ${which}) as template, generate_series(${step}, ${last}, ${step}) as number
    where number > 1`)
  await client.query(`vacuum analyze ${table}`)
}
