import { escapeIdentifier, type PoolClient } from 'pg'
import type { Table } from './tables.ts'

export interface TableMeasure {
  readonly rows: number
  /** The same for the same rows in any order, on any server; a changed value changes it. */
  readonly checksum: string
}

/** Counts the rows and adds up the first eight bytes of each row's SHA-256. */
export async function measureTable(client: PoolClient, table: Table): Promise<TableMeasure> {
  const asText = table.columns.map(({ name }) => `${escapeIdentifier(name)}::text`)
  const digest = `sha256(convert_to(row(${asText.join(', ')})::text, 'UTF8'))`
  const { rows } = await client.query<{ rows: string; checksum: string }>(`
    select
      count(*) as rows,
      coalesce(sum(('x' || encode(substring(${digest} for 8), 'hex'))::bit(64)::bigint), 0) as checksum
    from ${table.sqlName}`)
  return { rows: Number(rows[0]?.rows), checksum: String(rows[0]?.checksum) }
}
