import { type Queryable, runUnlessStale, type Statement } from '../statement.ts'

/** One call of a function that writes everything or nothing; what it writes is JSON. */
export async function applyOnce(db: Queryable, statement: Statement, writes: string): Promise<'applied' | 'stale'> {
  return (await runUnlessStale(db, statement, [writes])) === 'stale' ? 'stale' : 'applied'
}
