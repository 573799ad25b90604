import { isStale, refusalOf } from '../refusal-of.ts'
import type { Queryable, Statement } from '../statement.ts'

/** One call of a function that writes everything or nothing; what it writes is JSON. */
export async function applyOnce(db: Queryable, statement: Statement, writes: string): Promise<'applied' | 'stale'> {
  try {
    await db.query({ ...statement, values: [writes] })
    return 'applied'
  } catch (error) {
    if (isStale(error)) return 'stale'
    throw refusalOf(error, statement.name)
  }
}
