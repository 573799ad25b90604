import { type ErrorCode, isLatchkeyError, LatchkeyError } from '../errors.ts'

/**
 * What an error of the database means in our codes: the one table. PostgreSQL's own sentence is never passed on, because
 * it repeats values of the row.
 */

const constraintCodes: Readonly<Record<string, ErrorCode>> = {
  organization_pkey: 'organization_exists',
  connection_organization_id_fkey: 'organization_not_found',
  role_organization_id_fkey: 'organization_not_found',
  account_username_key: 'account_conflict',
  account_username_size: 'attribute_invalid',
  account_grant_name_size: 'attribute_invalid',
  identity_subject_size: 'subject_key_invalid',
  consumed_assertion_pkey: 'assertion_replayed',
  handoff_session_fkey: 'session_required',
  application_host_key: 'application_exists',
}

/** SQLSTATEs: class LK is raised by our own functions, the others are PostgreSQL's (documentation, appendix A). */
const stateCodes: Readonly<Record<string, ErrorCode>> = {
  LK002: 'login_request_unknown',
  LK003: 'account_conflict',
  '25006': 'storage_unavailable',
  '25P03': 'storage_unavailable',
  '40001': 'storage_unavailable',
  '40P01': 'storage_unavailable',
  '55P03': 'storage_unavailable',
}

/** The first two characters of an SQLSTATE. */
const classCodes: Readonly<Record<string, ErrorCode>> = {
  '08': 'storage_unavailable',
  '22': 'input_invalid',
  '53': 'storage_unavailable',
  '57': 'storage_unavailable',
  '58': 'storage_unavailable',
}

/** Another sign-in was faster: of the same person, or one that held the same rows in another order. */
const staleStates = new Set(['LK001', '40001', '40P01'])
const staleConstraints = new Set(['identity_pkey'])

interface DatabaseFault {
  readonly code: string
  readonly constraint?: string
  readonly table?: string
}

export function isDatabaseFault(error: unknown): error is DatabaseFault {
  return typeof error === 'object' && error !== null && 'severity' in error && 'code' in error
}

/** Whether what was read is no longer so: read again and decide again. */
export function isStale(error: unknown): boolean {
  return isDatabaseFault(error) && (staleStates.has(error.code) || staleConstraints.has(error.constraint ?? ''))
}

function codeOf(fault: DatabaseFault): ErrorCode {
  return (
    constraintCodes[fault.constraint ?? ''] ??
    stateCodes[fault.code] ??
    classCodes[fault.code.slice(0, 2)] ??
    'internal'
  )
}

/** The refusal to throw in the place of an error that a statement met. An error that is no database's is a lost one. */
export function refusalOf(error: unknown, statementName: string): unknown {
  if (isLatchkeyError(error) || error instanceof TypeError || error instanceof RangeError) return error
  if (!isDatabaseFault(error)) {
    return new LatchkeyError('storage_unavailable', { check: 'database', at: statementName }, { cause: error })
  }
  const arrived = ['SQLSTATE', error.code, error.constraint ?? error.table ?? ''].join(' ').trim()
  return new LatchkeyError(codeOf(error), { check: 'database', arrived, at: statementName })
}
