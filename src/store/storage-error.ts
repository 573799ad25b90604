import { DatabaseError } from 'pg'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'

/**
 * SQLSTATE classes that speak of the server and not of the statement: connection (08), resources (53), operator
 * intervention with cancelled and timed-out statements (57), system (58), internal (XX). PostgreSQL documentation,
 * appendix A.
 */
const serverFaultClasses = new Set(['08', '53', '57', '58', 'XX'])

/** A server that has become a read-only replica; a transaction the server ended because it stood idle. */
const serverFaultCodes = new Set(['25006', '25P03'])

function isServerFault(code: string | undefined): boolean {
  return code !== undefined && (serverFaultClasses.has(code.slice(0, 2)) || serverFaultCodes.has(code))
}

/**
 * `storage_unavailable` where the server did not answer or could not; any other error as it came, above all the
 * `DatabaseError` of a constraint, which the query that provoked it understands.
 */
export function toStorageError(error: unknown): unknown {
  if (isLatchkeyError(error) || error instanceof TypeError || error instanceof RangeError) return error
  if (error instanceof DatabaseError && !isServerFault(error.code)) return error
  return unavailable(error)
}

/** `storage_unavailable` for whatever kept a connection from being made: a wrong password or name, too. */
export function toConnectionError(error: unknown): LatchkeyError {
  return isLatchkeyError(error) ? error : unavailable(error)
}

function unavailable(error: unknown): LatchkeyError {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown }
  return new LatchkeyError(
    'storage_unavailable',
    { check: 'database', arrived: [code, message].filter(Boolean).join(': ') },
    { cause: error },
  )
}

/** Whether the connection over which this error came must not be used again. */
export function breaksConnection(error: unknown): boolean {
  if (isLatchkeyError(error)) return error.cause === undefined || breaksConnection(error.cause)
  return !(error instanceof DatabaseError) || error.severity === 'FATAL' || error.severity === 'PANIC'
}
