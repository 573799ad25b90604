import type { LinkProof } from '../../directory/link-request.ts'
import type { LoginRequest } from '../../directory/sign-in.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'

/** Pending requests of one browser at one connection; an older one makes room. */
const mostPerBrowser = 16
/** Pending requests of one connection. Requests that arrive at the very same moment may exceed it by their number. */
const mostPerConnection = 10_000

const begin = {
  name: 'login_request_begin',
  text: `
    select begin_login_request($1::jsonb, $2, $3) as kept`,
}

/** As `to_jsonb` gives it. */
export interface LoginRequestRow {
  readonly organization_id: string
  readonly connection_id: string
  readonly id: string
  readonly browser_hash: string
  readonly return_to: string
  readonly handoff: LoginRequest['handoff'] | null
  readonly force_authn: boolean
  readonly created_at: string
  readonly expires_at: string
  readonly link_proof: LinkProof | null
}

export function toLoginRequest(row: LoginRequestRow): LoginRequest {
  const { handoff } = row
  return {
    organizationId: row.organization_id,
    connectionId: row.connection_id,
    id: row.id,
    browserHash: row.browser_hash,
    returnTo: row.return_to,
    ...(row.force_authn && { forceAuthn: true }),
    ...(row.link_proof !== null && { linkProof: row.link_proof }),
    ...(handoff && { handoff }),
    createdAt: new Date(row.created_at),
    expiresAt: new Date(row.expires_at),
  }
}

export async function beginLoginRequest(db: Queryable, request: LoginRequest): Promise<void> {
  const values = [JSON.stringify(request), mostPerConnection, mostPerBrowser]
  const [row] = await run<{ kept: boolean | null }>(db, begin, values)
  const kept = row?.kept ?? null
  if (kept === null) throw new LatchkeyError('connection_not_found', { arrived: request.connectionId })
  if (!kept) {
    throw new LatchkeyError('login_requests_exhausted', { wanted: `fewer than ${mostPerConnection} pending requests` })
  }
}
