import { LatchkeyError } from '../errors.ts'
import type { Queryable } from './statement.ts'

const oldestMajorVersion = 15

export interface ServerFacts {
  /** As `server_version_num` counts: 150018 is 15.18. */
  readonly versionNumber: number
  readonly encoding: string
}

/** Refuses a server that the schema or the queries cannot live on. Throws `storage_version_unsupported`. */
export async function checkServer(db: Queryable): Promise<void> {
  const { rows } = await db.query<ServerFacts>(`
    select
      current_setting('server_version_num')::integer as "versionNumber",
      current_setting('server_encoding') as encoding`)
  checkServerFacts(rows[0] ?? { versionNumber: 0, encoding: 'none' })
}

export function checkServerFacts({ versionNumber, encoding }: ServerFacts): void {
  if (versionNumber >= oldestMajorVersion * 10_000 && encoding === 'UTF8') return
  throw new LatchkeyError('storage_version_unsupported', {
    check: 'PostgreSQL server',
    wanted: `version ${oldestMajorVersion} or later, encoding UTF8`,
    arrived: `version ${Math.floor(versionNumber / 10_000)}, encoding ${encoding}`,
    advice: 'Create the database on a newer server, with: create database latchkey encoding UTF8 template template0',
  })
}
