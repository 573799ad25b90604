import { escapeIdentifier, type PoolClient } from 'pg'

export interface Table {
  readonly name: string
  /** Quoted, with its schema. */
  readonly sqlName: string
  /** Those that are written, in their order: generated ones are not. */
  readonly columns: readonly { readonly name: string; readonly type: string }[]
  /** Names of the tables that a row of this one may point to, itself left out. */
  readonly references: readonly string[]
}

interface TableRow {
  readonly schema: string
  readonly name: string
  readonly columns: Table['columns']
  readonly references: readonly string[]
}

/** Keeps the record of migrations, which both sides have for themselves. */
const migrationTable = 'schema_migration'

const tablesQuery = `
  select
    n.nspname as schema,
    c.relname as name,
    (
      select json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod)) order by a.attnum)
      from pg_attribute a
      where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    ) as columns,
    (
      select coalesce(json_agg(distinct pointed.relname), '[]')
      from pg_constraint f
      join pg_class pointed on pointed.oid = f.confrelid
      where f.conrelid = c.oid and f.contype = 'f' and f.confrelid <> c.oid
    ) as references
  from pg_class c
  join pg_namespace n on n.oid = c.relnamespace
  where n.nspname = current_schema() and c.relkind = 'r' and c.relname <> $1
  order by c.relname collate "C"`

/** All tables of ours, those that are pointed to before those that point. */
export async function readTables(client: PoolClient): Promise<readonly Table[]> {
  const { rows } = await client.query<TableRow>(tablesQuery, [migrationTable])
  return inOrderOfReference(
    rows.map(({ schema, name, columns, references }) => {
      return { name, sqlName: `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`, columns, references }
    }),
  )
}

/** Where tables point to each other in a circle the order within it is free: the copy checks references at its end. */
function inOrderOfReference(tables: readonly Table[]): readonly Table[] {
  const byName = new Map(tables.map((table) => [table.name, table]))
  const ordered = new Set<Table>()
  const visit = (table: Table, above: ReadonlySet<Table>) => {
    if (ordered.has(table) || above.has(table)) return
    for (const name of table.references) {
      const pointed = byName.get(name)
      if (pointed !== undefined) visit(pointed, new Set([...above, table]))
    }
    ordered.add(table)
  }
  for (const table of tables) visit(table, new Set())
  return [...ordered]
}
