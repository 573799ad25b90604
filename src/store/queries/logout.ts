import type { LogoutDirectory } from '../../directory/directory.ts'
import type { LogoutOutcome, LogoutRequest, SessionsEnded } from '../../directory/logout.ts'
import { type Queryable, run } from '../statement.ts'

/** What hangs on it goes with it: the key of the table says so. */
const end = {
  name: 'session_end',
  text: `
    select end_session($1, $2::jsonb) as kept`,
}

const endByNameId = {
  name: 'session_end_by_name_id',
  text: `
    select end_sessions_by_name_id($1::jsonb) as ended`,
}

const find = {
  name: 'logout_request_find',
  text: `
    select to_jsonb(logout_request) as kept
    from logout_request
    where id = $1
      and expires_at > $2`,
}

const complete = {
  name: 'logout_request_complete',
  text: `
    update logout_request
    set outcome = $4
    where organization_id = $1
      and connection_id = $2
      and id = $3
      and outcome is null
      and expires_at > $5
    returning to_jsonb(logout_request) as kept`,
}

/** As `to_jsonb` gives it. */
interface LogoutRequestRow {
  readonly organization_id: string
  readonly connection_id: string
  readonly id: string
  readonly name_id: string | null
  readonly session_index: string | null
  readonly return_to: string | null
  readonly outcome: LogoutOutcome | null
  readonly created_at: string
  readonly expires_at: string
}

interface Kept {
  readonly kept: LogoutRequestRow | null
}

function toLogoutRequest([found]: readonly Kept[]): LogoutRequest | undefined {
  const row = found?.kept
  if (!row) return undefined
  return {
    organizationId: row.organization_id,
    connectionId: row.connection_id,
    id: row.id,
    ...(row.name_id !== null && { nameId: row.name_id }),
    ...(row.session_index !== null && { sessionIndex: row.session_index }),
    ...(row.return_to !== null && { returnTo: row.return_to }),
    ...(row.outcome !== null && { outcome: row.outcome }),
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
  }
}

export function logoutQueries(db: Queryable): LogoutDirectory {
  return {
    async endSession(tokenHash, request) {
      return toLogoutRequest(await run<Kept>(db, end, [tokenHash, JSON.stringify(request)]))
    },
    async endSessionsByNameId({ request, ...rest }) {
      const wanted = { ...rest, requestId: request.id, rememberUntil: request.rememberUntil }
      const [row] = await run<{ ended: SessionsEnded | null }>(db, endByNameId, [JSON.stringify(wanted)])
      return row?.ended ?? 'replayed'
    },
    async findLogoutRequest(id, now) {
      return toLogoutRequest(await run<Kept>(db, find, [id, now]))
    },
    async completeLogoutRequest({ organizationId, connectionId, id, outcome, now }) {
      return toLogoutRequest(await run<Kept>(db, complete, [organizationId, connectionId, id, outcome, now]))
    },
  }
}
