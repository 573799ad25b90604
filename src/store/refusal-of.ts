import { DatabaseError } from 'pg'
import { type ErrorCode, LatchkeyError } from '../errors.ts'
import { toStorageError } from './storage-error.ts'

/**
 * What an error of the database means in our codes: the one table. PostgreSQL's own sentence is never passed on, because
 * it repeats values of the row.
 */

const constraintCodes: Readonly<Record<string, ErrorCode>> = {
  organization_pkey: 'organization_exists',
  connection_organization_id_fkey: 'organization_not_found',
  role_organization_id_fkey: 'organization_not_found',
  account_username_key: 'account_conflict',
  account_unique_value_pkey: 'account_field_conflict',
  key_text_size: 'attribute_invalid',
  consumed_assertion_pkey: 'assertion_replayed',
  verified_domain_owner: 'domain_taken',
  identity_not_local: 'account_is_local',
  grant_set_not_local: 'account_is_local',
  passkey_pkey: 'passkey_exists',
  passkey_credential_key: 'passkey_exists',
  handoff_session_fkey: 'session_required',
  application_host_key: 'application_exists',
}

/** SQLSTATEs: class LK is raised by our own functions, the others are PostgreSQL's (documentation, appendix A). */
const stateCodes: Readonly<Record<string, ErrorCode>> = {
  LK002: 'login_request_unknown',
  LK003: 'account_conflict',
  LK004: 'seat_limit_reached',
  LK005: 'last_administrator',
  LK010: 'saml_artifact_replayed',
  LK011: 'link_request_unknown',
  LK012: 'account_link_pending',
  '40001': 'storage_unavailable',
  '40P01': 'storage_unavailable',
  '55P03': 'storage_unavailable',
}

/** Another sign-in was faster: of the same person, or one that held the same rows in another order. */
const staleStates = new Set(['LK001', '40001', '40P01'])
const staleConstraints = new Set(['identity_pkey'])

/** Whether what was read is no longer so: read again and decide again. */
export function isStale(error: unknown): boolean {
  return (
    error instanceof DatabaseError &&
    (staleStates.has(error.code ?? '') || staleConstraints.has(error.constraint ?? ''))
  )
}

function codeOf({ constraint = '', code = '' }: DatabaseError): ErrorCode {
  // Class 22 is a value that the database cannot hold.
  return constraintCodes[constraint] ?? stateCodes[code] ?? (code.startsWith('22') ? 'input_invalid' : 'internal')
}

/** The refusal to throw in the place of an error that a statement met. `storage-error.ts` speaks of lost servers. */
export function refusalOf(error: unknown, statementName: string): unknown {
  const fault = toStorageError(error)
  if (!(fault instanceof DatabaseError)) return fault
  const arrived = ['SQLSTATE', fault.code, fault.constraint ?? fault.table ?? ''].join(' ').trim()
  const detail = { check: 'database', arrived, at: statementName }
  return new LatchkeyError(codeOf(fault), { ...detail, ...uniqueField(fault) })
}

/** Which field it is whose value somebody else has; of the value itself the row holds the hash. */
function uniqueField({ constraint, detail = '' }: DatabaseError): {
  readonly check?: string
  readonly wanted?: string
} {
  if (constraint !== 'account_unique_value_pkey') return {}
  const [, field] = /=\([^,]*, ([A-Za-z0-9]+), /.exec(detail) ?? []
  if (field === undefined) return {}
  return { check: `unique field ${field}`, wanted: 'values that no two accounts of the organization share' }
}
