import type { Connection } from '../directory/connection.ts'
import { namePattern } from '../directory/organization.ts'
import { LatchkeyError } from '../errors.ts'
import type { HttpDependencies } from './http-dependencies.ts'

/** The connection that an address names. Throws `connection_not_found`. */
export async function getConnection(id: string, { catalog }: Pick<HttpDependencies, 'catalog'>): Promise<Connection> {
  const connection = namePattern.test(id) ? await catalog.connection(id) : undefined
  if (connection === undefined) throw new LatchkeyError('connection_not_found', { check: 'connection in the address' })
  return connection
}
