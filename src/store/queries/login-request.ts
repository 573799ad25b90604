import type { LoginRequest } from '../../directory/sign-in.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

/** Pending requests of one browser at one connection; an older one makes room. */
const mostPerBrowser = 16
/** Pending requests of one connection. Requests that arrive at the very same moment may exceed it by their number. */
const mostPerConnection = 10_000

/** Sees the table as it was before: one place of the browser is left for the request itself. */
const begin = {
  name: 'login_request_begin',
  text: `
    with owner as (
      select organization_id, id
      from connection
      where organization_id = $1
        and id = $2
    ), live as (
      select count(*) as requests
      from login_request
      where organization_id = $1
        and connection_id = $2
        and expires_at > $8
    ), kept as (
      insert into login_request (
        organization_id, connection_id, id, browser_hash, return_to, handoff_application_id, handoff_browser_hash,
        created_at, expires_at
      )
      select owner.organization_id, owner.id, $3, $4, $5, $6, $7, $8, $9
      from owner
      cross join live
      where live.requests < $10
      returning id
    ), crowded_out as (
      delete from login_request
      where organization_id = $1
        and connection_id = $2
        and exists (select from kept)
        and id in (
          select id
          from login_request
          where organization_id = $1
            and connection_id = $2
            and browser_hash = $4
          order by created_at desc, id desc
          offset $11
        )
    )
    select
      exists (select from owner) as "ownerFound",
      exists (select from kept) as kept`,
}

/** As `to_jsonb` gives it. */
export interface LoginRequestRow {
  readonly organization_id: string
  readonly connection_id: string
  readonly id: string
  readonly browser_hash: string
  readonly return_to: string
  readonly handoff_application_id: string | null
  readonly handoff_browser_hash: string | null
  readonly created_at: string
  readonly expires_at: string
}

export function toLoginRequest(row: LoginRequestRow): LoginRequest {
  const { handoff_application_id: applicationId, handoff_browser_hash: browserHash } = row
  return {
    organizationId: row.organization_id,
    connectionId: row.connection_id,
    id: row.id,
    browserHash: row.browser_hash,
    returnTo: row.return_to,
    ...(applicationId !== null && browserHash !== null && { handoff: { applicationId, browserHash } }),
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
  }
}

export async function beginLoginRequest(db: Queryable, request: LoginRequest): Promise<void> {
  const [row] = await run<{ ownerFound: boolean; kept: boolean }>(db, begin, [
    request.organizationId,
    request.connectionId,
    request.id,
    request.browserHash,
    request.returnTo,
    request.handoff?.applicationId ?? null,
    request.handoff?.browserHash ?? null,
    request.createdAt,
    request.expiresAt,
    mostPerConnection,
    mostPerBrowser - 1,
  ])
  if (row?.ownerFound !== true) throw new LatchkeyError('connection_not_found', { arrived: request.connectionId })
  if (!row.kept) {
    throw new LatchkeyError('login_requests_exhausted', { wanted: `fewer than ${mostPerConnection} pending requests` })
  }
}
