import type { Pool, PoolClient, QueryResultRow } from 'pg'
import { isStale, refusalOf } from './refusal-of.ts'

/** A pool, or the one client of a transaction. */
export type Queryable = Pick<Pool, 'query'>

/** A query with a name of its own, under which a connection prepares it once. One name, one text. */
export interface Statement {
  readonly name: string
  readonly text: string
}

/** One round trip. Throws what `refusalOf` makes of the database's error. */
export async function run<Row extends QueryResultRow>(
  db: Queryable,
  statement: Statement,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  try {
    const { rows } = await db.query<Row>({ name: statement.name, text: statement.text, values: [...values] })
    return rows
  } catch (error) {
    throw refusalOf(error, statement.name)
  }
}

/** The same for what was decided on a state that may have changed since: then it has written nothing, and is `stale`. */
export async function runUnlessStale<Row extends QueryResultRow>(
  db: Queryable,
  statement: Statement,
  values: readonly unknown[],
): Promise<readonly Row[] | 'stale'> {
  try {
    const { rows } = await db.query<Row>({ name: statement.name, text: statement.text, values: [...values] })
    return rows
  } catch (error) {
    if (isStale(error)) return 'stale'
    throw refusalOf(error, statement.name)
  }
}

/** A client of one's own, to be released. Never ask for a second one while holding it. */
export async function connect(pool: Pool): Promise<PoolClient> {
  try {
    return await pool.connect()
  } catch (error) {
    throw refusalOf(error, 'connect')
  }
}
