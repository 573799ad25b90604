import type { LinkRequest } from '../../directory/link-request.ts'
import { type Queryable, run } from '../statement.ts'
import { asUuid } from './account.ts'

export const keepLinkRequest = {
  name: 'link_request_keep',
  text: `
    select keep_link_request($1::jsonb)`,
}

const find = {
  name: 'link_request_find',
  text: `
    select
      organization_id as "organizationId",
      connection_id as "connectionId",
      subject_key as "subjectKey",
      id,
      account_id as "accountId",
      browser_hash as "browserHash",
      return_to as "returnTo",
      handoff,
      attempt_id as "attemptId",
      expires_at as "expiresAt",
      array(
        select distinct identity.connection_id
        from identity
        where identity.account_id = link_request.account_id
          and identity.organization_id = link_request.organization_id
          and identity.connection_id <> link_request.connection_id
        order by identity.connection_id
      ) as connections
    from link_request
    where id = $1
      and browser_hash = $2
      and expires_at > $3`,
}

interface LinkRequestRow extends Omit<LinkRequest, 'handoff'> {
  readonly handoff: LinkRequest['handoff'] | null
  readonly connections: readonly string[]
}

export async function findLinkRequest(
  db: Queryable,
  { id, browserHash }: Pick<LinkRequest, 'id' | 'browserHash'>,
  now: Date,
): Promise<{ readonly request: LinkRequest; readonly connections: readonly string[] } | undefined> {
  const [row] = await run<LinkRequestRow & Record<string, unknown>>(db, find, [asUuid(id), browserHash, now])
  if (row === undefined) return undefined
  const { connections, handoff, ...request } = row
  return { request: { ...request, ...(handoff && { handoff }) }, connections }
}
