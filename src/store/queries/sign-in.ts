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
import { runTogether } from '../run-together.ts'
import { type Queryable, run } from '../statement.ts'
import { type AccountRow, toAccount } from './account.ts'
import { applyOnce } from './apply-once.ts'
import { attemptQueries } from './attempt.ts'
import { type GrantRow, toGrantRows, toGrants, toRemovedNames } from './grants.ts'
import { findLinkRequest, keepLinkRequest } from './link-request.ts'
import { beginLoginRequest, type LoginRequestRow, toLoginRequest } from './login-request.ts'

/** Longest subject key and user name in bytes of UTF-8; the tables hold the same limit. */
const longestKeyBytes = 2048

/** The whole read of a sign-in. */
const readState = {
  name: 'sign_in_read_state',
  text: `
    select read_sign_in_state($1, $2, $3, $4, $5) as state`,
}

const readStates = {
  name: 'sign_in_read_states',
  text: `
    select read_sign_in_states($1::json) as states`,
}

const apply = {
  name: 'sign_in_apply',
  text: `
    select apply_sign_in($1::jsonb)`,
}

/** One transaction, one sync; for each whether it was applied. */
const applyMany = {
  name: 'sign_in_apply_many',
  text: `
    select apply_sign_ins($1::jsonb) as applied`,
}

const applyWithArtifact = {
  name: 'sign_in_apply_with_artifact',
  text: `
    select apply_artifact_sign_in($1::jsonb)`,
}

const applyHeld = {
  name: 'sign_in_apply_held',
  text: `
    select apply_held_sign_in($1::jsonb)`,
}

const applyProving = {
  name: 'sign_in_apply_proving',
  text: `
    select apply_proving_sign_in($1::jsonb)`,
}

const keepWaiting = {
  name: 'sign_in_keep_waiting',
  text: `
    select keep_waiting($1::jsonb)`,
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
  readonly linkCandidate: LinkCandidateRow | null
  readonly roles: readonly RoleRow[]
  readonly seats: NonNullable<SignInState['seats']> | null
  readonly loginRequest: LoginRequestRow | null
}

interface LinkCandidateRow extends Pick<LinkCandidate, 'domains' | 'connections'> {
  readonly account: AccountRow
  readonly grants: readonly GrantRow[] | null
}

interface RoleRow extends Omit<Role, 'organizationId'> {
  readonly organization_id: string
}

function toRole({ organization_id, name, description, kind }: RoleRow): Role {
  return { organizationId: organization_id, name, description, kind }
}

function toLinkCandidate({ account, grants, domains, connections }: LinkCandidateRow): LinkCandidate {
  return { account: toAccount(account), grants: toGrants(grants), domains, connections }
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

async function readAlone(db: Queryable, query: SignInQuery): Promise<StateRow | null> {
  const { organizationId, connectionId, subjectKey, usernameKey, loginRequestId } = query
  const values = [organizationId, connectionId, subjectKey, usernameKey, loginRequestId ?? null]
  const [row] = await run<{ state: StateRow | null }>(db, readState, values)
  return row?.state ?? null
}

async function readTogether(db: Queryable, queries: readonly SignInQuery[]): Promise<readonly (StateRow | null)[]> {
  const { rows } = await db.query<{ states: (StateRow | null)[] }>({ ...readStates, values: [JSON.stringify(queries)] })
  return rows[0]?.states ?? []
}

/** What was not applied is undone: asked alone, it says why. */
async function applyTogether(db: Queryable, several: readonly string[]): Promise<readonly ('applied' | undefined)[]> {
  const { rows } = await db.query<{ applied: boolean[] }>({ ...applyMany, values: [`[${several.join()}]`] })
  return rows[0]?.applied.map((isApplied) => (isApplied ? 'applied' : undefined)) ?? []
}

function written({ account, ...writes }: SignInWrites | WaitingWrites): string {
  checkKeys(account)
  const grantsAdded = toGrantRows(account.grantsAdded)
  const grantsRemoved = toRemovedNames(account.grantsRemoved)
  return JSON.stringify({ ...writes, account: { ...account, grantsAdded, grantsRemoved } })
}

/** Sign-ins that read or write at the same time do so in one statement. */
export function signInQueries(db: Queryable): SignInDirectory {
  const readState = runTogether<SignInQuery, StateRow | null>({
    alone: (query) => readAlone(db, query),
    together: (queries) => readTogether(db, queries),
  })
  const applyWrites = runTogether<string, 'applied' | 'stale'>({
    alone: (writes) => applyOnce(db, apply, writes),
    together: (several) => applyTogether(db, several),
  })
  return {
    beginLoginRequest: (request) => beginLoginRequest(db, request),
    async readSignInState(query) {
      checkKeys(query)
      const row = await readState(query)
      if (row === null) throw new LatchkeyError('connection_not_found', { arrived: query.connectionId })
      return toState(row)
    },
    async applySignIn(writes) {
      if (writes.linkProof !== undefined) return applyOnce(db, applyProving, written(writes))
      if (writes.setUp !== undefined) return applyOnce(db, applyHeld, written(writes))
      if (writes.artifact !== undefined) return applyOnce(db, applyWithArtifact, written(writes))
      return applyWrites(written(writes))
    },
    async keepWaiting(writes) {
      return writes.notice === undefined ? applyWrites(written(writes)) : applyOnce(db, keepWaiting, written(writes))
    },
    keepLinkRequest: async (request) => applyOnce(db, keepLinkRequest, JSON.stringify(request)),
    findLinkRequest: (which, now) => findLinkRequest(db, which, now),
    endAccount: (ending) => applyOnce(db, end, JSON.stringify(ending)),
    ...attemptQueries(db),
  }
}
