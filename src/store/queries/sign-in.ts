import type { SignInDirectory } from '../../directory/directory.ts'
import type { Role } from '../../directory/role.ts'
import type {
  LinkCandidate,
  LoginRequest,
  SignInQuery,
  SignInState,
  SignInWrites,
  WaitingWrites,
} from '../../directory/sign-in.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Commits, eachCommitItself } from '../group-commits.ts'
import { isStale, refusalOf } from '../refusal-of.ts'
import { type Queryable, run, type Statement } from '../statement.ts'
import { type AccountRow, toAccount } from './account.ts'
import { attemptQueries } from './attempt.ts'
import { type GrantRow, toGrantRows, toGrants, toRemovedNames } from './grants.ts'
import { beginLoginRequest, type LoginRequestRow, toLoginRequest } from './login-request.ts'

/** Longest subject key and user name in bytes of UTF-8; the tables hold the same limit. */
const longestKeyBytes = 2048

/** The whole read of a sign-in. */
const readState = {
  name: 'sign_in_read_state',
  text: `
    select read_sign_in_state($1, $2, $3, $4, $5) as state`,
}

const apply = {
  name: 'sign_in_apply',
  text: `
    select apply_sign_in($1::jsonb)`,
}

/** The commit does not wait for the disk: a sync of the whole group follows. */
const applyUnsynced = {
  name: 'sign_in_apply_unsynced',
  text: `
    select apply_sign_in($1::jsonb), set_config('synchronous_commit', 'off', true)`,
}

const applyWithArtifact = {
  name: 'sign_in_apply_with_artifact',
  text: `
    select apply_artifact_sign_in($1::jsonb)`,
}

const end = {
  name: 'sign_in_end_account',
  text: `
    select end_account($1::jsonb)`,
}

/** As `read_sign_in_state` gives it. */
export interface StateRow {
  readonly connectionVersion: number
  readonly account: AccountRow | null
  readonly grants: readonly GrantRow[] | null
  readonly usernameHolderId: string | null
  readonly linkCandidate: { account: AccountRow; grants: readonly GrantRow[] | null; domains: readonly string[] } | null
  readonly roles: readonly RoleRow[]
  readonly seats: NonNullable<SignInState['seats']> | null
  readonly loginRequest: LoginRequestRow | null
}

interface RoleRow extends Omit<Role, 'organizationId'> {
  readonly organization_id: string
}

function toRole({ organization_id, name, description, kind }: RoleRow): Role {
  return { organizationId: organization_id, name, description, kind }
}

function toLinkCandidate({ account, grants, domains }: NonNullable<StateRow['linkCandidate']>): LinkCandidate {
  return { account: toAccount(account), grants: toGrants(grants), domains }
}

export function toState(row: StateRow): SignInState {
  const loginRequest: LoginRequest | undefined = row.loginRequest ? toLoginRequest(row.loginRequest) : undefined
  return {
    connectionVersion: row.connectionVersion,
    ...(row.account !== null && { account: toAccount(row.account) }),
    grants: toGrants(row.grants),
    ...(row.usernameHolderId !== null && { usernameHolder: { accountId: row.usernameHolderId } }),
    ...(row.linkCandidate !== null && { linkCandidate: toLinkCandidate(row.linkCandidate) }),
    roles: row.roles.map(toRole),
    ...(row.seats !== null && { seats: row.seats }),
    ...(loginRequest && { loginRequest }),
  }
}

function checkKeys({ subjectKey, usernameKey }: { readonly subjectKey: string; readonly usernameKey: string }): void {
  const wanted = `at most ${longestKeyBytes} bytes`
  const subjectBytes = Buffer.byteLength(subjectKey)
  if (subjectBytes > longestKeyBytes) {
    throw new LatchkeyError('subject_key_invalid', { check: 'subject key', wanted, arrived: `${subjectBytes} bytes` })
  }
  const usernameBytes = Buffer.byteLength(usernameKey)
  if (usernameBytes > longestKeyBytes) {
    throw new LatchkeyError('attribute_invalid', { check: 'user name', wanted, arrived: `${usernameBytes} bytes` })
  }
}

async function readSignInState(db: Queryable, query: SignInQuery): Promise<SignInState> {
  checkKeys(query)
  const { organizationId, connectionId, subjectKey, usernameKey, loginRequestId } = query
  const values = [organizationId, connectionId, subjectKey, usernameKey, loginRequestId ?? null]
  const [row] = await run<{ state: StateRow | null }>(db, readState, values)
  if (!row?.state) throw new LatchkeyError('connection_not_found', { arrived: connectionId })
  return toState(row.state)
}

/** One call of a function that writes everything or nothing. */
async function applyOnce(db: Queryable, statement: Statement, writes: unknown): Promise<'applied' | 'stale'> {
  try {
    await db.query({ ...statement, values: [JSON.stringify(writes)] })
    return 'applied'
  } catch (error) {
    if (isStale(error)) return 'stale'
    throw refusalOf(error, statement.name)
  }
}

async function applySignIn(
  db: Queryable,
  commits: Commits,
  writes: SignInWrites | WaitingWrites,
): Promise<'applied' | 'stale'> {
  const { account } = writes
  checkKeys(account)
  const grantsAdded = toGrantRows(account.grantsAdded)
  const grantsRemoved = toRemovedNames(account.grantsRemoved)
  const wanted = { ...writes, account: { ...account, grantsAdded, grantsRemoved } }
  if (writes.artifact !== undefined) return applyOnce(db, applyWithArtifact, wanted)
  return commits.run((commit) => applyOnce(db, commit === 'synced' ? apply : applyUnsynced, wanted))
}

export function signInQueries(db: Queryable, commits = eachCommitItself): SignInDirectory {
  return {
    beginLoginRequest: (request) => beginLoginRequest(db, request),
    readSignInState: (query) => readSignInState(db, query),
    applySignIn: (writes) => applySignIn(db, commits, writes),
    keepWaiting: (writes) => applySignIn(db, commits, writes),
    endAccount: (ending) => applyOnce(db, end, ending),
    ...attemptQueries(db),
  }
}
