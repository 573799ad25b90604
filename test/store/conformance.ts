import { after, before, describe } from 'node:test'
import type { Pool } from 'pg'
import type { Connection } from '../../src/directory/connection.ts'
import type { Directory } from '../../src/directory/directory.ts'
import { migrateSchema } from '../../src/store/migrate-schema.ts'
import { createDirectory } from '../../src/store/postgres-directory.ts'
import { type DatabaseKind, openTestDatabase } from '../support/databases.ts'
import { accountLifeCases } from './cases/account-life.ts'
import { accountCases } from './cases/accounts.ts'
import { administrationCases } from './cases/administration.ts'
import { apiTokenCases } from './cases/api-tokens.ts'
import { housekeepingCases } from './cases/housekeeping.ts'
import { localAdministratorCases } from './cases/local-administrators.ts'
import { logoutCases } from './cases/logouts.ts'
import { metadataRefreshCases } from './cases/metadata-refresh.ts'
import { raceCases } from './cases/races.ts'
import { schemaCases } from './cases/schema.ts'
import { serviceKeyCases } from './cases/service-keys.ts'
import { sessionCases } from './cases/sessions.ts'
import { setUpCases } from './cases/set-ups.ts'
import { signInCases } from './cases/sign-ins.ts'
import { testSignInCases } from './cases/test-sign-ins.ts'
import { togetherCases } from './cases/together.ts'
import { newConnection, newEvent, newOrganization } from './samples.ts'

/**
 * What every database under the directory must do: the same cases for PostgreSQL embedded and served. One database for
 * all of them; each case makes an organization of its own.
 */

/** What a case works with. */
export interface Bench {
  readonly pool: Pool
  readonly directory: Directory
  /** A new organization with one connection. */
  newConnection(): Promise<Connection>
  /** Rows of every table, to see that nothing was written. */
  countRows(): Promise<Readonly<Record<string, number>>>
}

export function directoryConformance(kind: DatabaseKind): void {
  describe(`the directory in a database (${kind})`, () => {
    const closers: (() => Promise<void>)[] = []
    let bench: Bench | undefined
    before(async () => {
      const { pool } = await openTestDatabase(kind, { after: (close) => closers.push(close) })
      await migrateSchema(pool)
      bench = createBench(pool)
    })
    after(async () => {
      for (const close of closers) await close()
    })
    const current = (): Bench => {
      if (!bench) throw new Error('the database did not open')
      return bench
    }
    for (const defineCases of allCases) defineCases(current)
  })
}

const allCases = [
  testSignInCases,
  localAdministratorCases,
  setUpCases,
  schemaCases,
  administrationCases,
  metadataRefreshCases,
  serviceKeyCases,
  apiTokenCases,
  accountCases,
  accountLifeCases,
  signInCases,
  togetherCases,
  raceCases,
  sessionCases,
  logoutCases,
  housekeepingCases,
]

function createBench(pool: Pool): Bench {
  const directory = createDirectory(pool)
  return {
    pool,
    directory,
    async newConnection() {
      const organization = newOrganization()
      const connection = newConnection(organization.id)
      await directory.createOrganization(organization, newEvent())
      await directory.createConnection(connection, newEvent())
      return connection
    },
    countRows: () => countRows(pool),
  }
}

async function countRows(pool: Pool): Promise<Readonly<Record<string, number>>> {
  const { rows } = await pool.query<{ name: string }>(`
    select table_name as name
    from information_schema.tables
    where table_schema = current_schema()
    order by table_name`)
  const counts = rows.map(({ name }) => `(select count(*)::integer from ${name}) as ${name}`)
  const counted = await pool.query<Record<string, number>>(`select ${counts.join(', ')}`)
  return counted.rows[0] ?? {}
}
