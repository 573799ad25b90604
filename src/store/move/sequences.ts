import { escapeIdentifier, type PoolClient } from 'pg'

/** Sets each sequence of the target to where it stands in the source, so that no number is given twice. */
export async function copySequences(source: PoolClient, target: PoolClient): Promise<void> {
  const { rows: sequences } = await source.query<{ name: string }>(
    'select sequencename as name from pg_sequences where schemaname = current_schema()',
  )
  for (const { name } of sequences) {
    const { rows } = await source.query<{ last_value: string; is_called: boolean }>(
      `select last_value, is_called from ${escapeIdentifier(name)}`,
    )
    await target.query('select setval($1::regclass, $2::bigint, $3)', [
      escapeIdentifier(name),
      rows[0]?.last_value,
      rows[0]?.is_called,
    ])
  }
}
