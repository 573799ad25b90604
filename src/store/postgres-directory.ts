import { DatabaseError, type Pool, type PoolClient } from 'pg'
import type { AdministrationDirectory, Directory } from '../directory/directory.ts'
import { LatchkeyError } from '../errors.ts'
import { accountQueries } from './queries/account.ts'
import { apiTokenQueries } from './queries/api-token.ts'
import { applicationQueries } from './queries/application.ts'
import { auditQueries } from './queries/audit.ts'
import { connectionQueries } from './queries/connection.ts'
import { connectionVersionQueries } from './queries/connection-version.ts'
import { housekeepingQueries } from './queries/housekeeping.ts'
import { linkingQueries } from './queries/linking.ts'
import { localAdministratorQueries } from './queries/local-administrator.ts'
import { logoutQueries } from './queries/logout.ts'
import { metadataRefreshQueries } from './queries/metadata-refresh.ts'
import { noticeQueries } from './queries/notice.ts'
import { organizationQueries } from './queries/organization.ts'
import { previewQueries } from './queries/preview.ts'
import { provenanceQueries } from './queries/provenance.ts'
import { replayQueries } from './queries/replay.ts'
import { roleQueries } from './queries/role.ts'
import { serviceKeyQueries } from './queries/service-key.ts'
import { sessionQueries } from './queries/session.ts'
import { setUpQueries } from './queries/set-up.ts'
import { signInQueries } from './queries/sign-in.ts'
import { testSignInQueries } from './queries/test-sign-in.ts'
import { refusalOf } from './refusal-of.ts'
import { connect, type Queryable } from './statement.ts'

/**
 * The directory kept in PostgreSQL, embedded or served: this file only puts the nouns together. It must not know where
 * the pool leads; `migrateSchema` has made the tables before. Begin reading at `queries/sign-in.ts` and
 * `migrations/0004_create_sign_in_write_functions.sql`.
 *
 * Every method but `transaction`, `ensureServiceKey` and `pruneExpired` is one statement, so it holds one client for one
 * round trip and is atomic by itself. What callers may expect to happen (something exists already, or is missing) is
 * decided by rows and not by an error, so inside a `transaction` such a refusal can be caught and the transaction goes on.
 */
export function createDirectory(pool: Pool, closeStorage = () => pool.end()): Directory {
  let closed: Promise<void> | undefined
  return {
    ...administrationQueries(pool),
    ...localAdministratorQueries(pool),
    ...signInQueries(pool),
    ...previewQueries(pool),
    ...testSignInQueries(pool),
    ...setUpQueries(pool),
    ...sessionQueries(pool),
    ...logoutQueries(pool),
    ...serviceKeyQueries(pool),
    ...apiTokenQueries(pool),
    ...auditQueries(pool),
    ...provenanceQueries(pool),
    ...replayQueries(pool),
    ...noticeQueries(pool),
    ...housekeepingQueries(pool),
    transaction: (work) => inTransaction(pool, (client) => work(administrationQueries(client))),
    close: () => {
      closed ??= closeStorage()
      return closed
    },
  }
}

function administrationQueries(db: Queryable): AdministrationDirectory {
  return {
    ...organizationQueries(db),
    ...connectionQueries(db),
    ...connectionVersionQueries(db),
    ...metadataRefreshQueries(db),
    ...roleQueries(db),
    ...accountQueries(db),
    ...linkingQueries(db),
    ...applicationQueries(db),
  }
}

/** Opens and closes the transaction. `work` must ask only what it is given: the pool may have no second client. */
async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await connect(pool)
  let broken: Error | undefined
  try {
    await client.query('begin')
    const result = await work(client)
    await commit(client)
    return result
  } catch (error) {
    broken = await rollBack(client)
    throw error instanceof DatabaseError ? refusalOf(error, 'transaction') : error
  } finally {
    client.release(broken)
  }
}

/** PostgreSQL answers the commit of a transaction in which a statement failed with a silent rollback. */
async function commit(client: PoolClient): Promise<void> {
  const { command } = await client.query('commit')
  if (command !== 'COMMIT') throw new LatchkeyError('internal', { check: 'commit', arrived: command })
}

/** Gives the error after which the client cannot be used again. */
async function rollBack(client: PoolClient): Promise<Error | undefined> {
  try {
    await client.query('rollback')
    return undefined
  } catch (error) {
    return error instanceof Error ? error : new Error('rollback failed')
  }
}
