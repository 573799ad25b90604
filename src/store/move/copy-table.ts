import { escapeIdentifier, type PoolClient } from 'pg'
import type { Table } from './tables.ts'

/** Rows in memory at one time. */
const batchRows = 500

/** Copies all rows, each value as PostgreSQL's own text of it, through a cursor of the source. */
export async function copyTable(source: PoolClient, target: PoolClient, table: Table): Promise<void> {
  if (table.columns.length === 0) return
  const asText = table.columns.map(({ name }) => `${escapeIdentifier(name)}::text`)
  await source.query(`declare move_rows no scroll cursor for select ${asText.join(', ')} from ${table.sqlName}`)
  for (;;) {
    const { rows } = await source.query<(string | null)[]>({
      text: `fetch ${batchRows} from move_rows`,
      rowMode: 'array',
    })
    if (rows.length === 0) break
    const columns = table.columns.map((_, index) => rows.map((row) => row[index] ?? null))
    await target.query(insertOf(table), columns)
  }
  await source.query('close move_rows')
}

/** One parameter a column: an array with the texts of all rows of the batch. */
function insertOf({ sqlName, columns }: Table): string {
  const names = columns.map(({ name }) => escapeIdentifier(name))
  const values = columns.map(({ type }, index) => `batch.c${index}::${type}`)
  const parameters = columns.map((_, index) => `$${index + 1}::text[]`)
  const aliases = columns.map((_, index) => `c${index}`)
  return `
    insert into ${sqlName} (${names.join(', ')}) overriding system value
    select ${values.join(', ')}
    from unnest(${parameters.join(', ')}) as batch (${aliases.join(', ')})`
}
