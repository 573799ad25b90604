import type { LinkingDirectory } from '../../directory/directory.ts'
import type { VerifiedDomain } from '../../directory/verified-domain.ts'
import { LatchkeyError } from '../../errors.ts'
import { type Queryable, run } from '../statement.ts'
import { asUuid } from './account.ts'

const add = {
  name: 'domain_add',
  text: `
    with added as (
      insert into verified_domain (organization_id, domain, token, created_at)
      values ($1, $2, $3, $4)
      on conflict (organization_id, domain) do nothing
      returning organization_id
    )
    select record_events(added.organization_id, $5::jsonb)
    from added`,
}

const list = {
  name: 'domain_list',
  text: `
    select
      organization_id as "organizationId",
      domain,
      token,
      verified_at as "verifiedAt",
      checked_at as "checkedAt",
      created_at as "createdAt"
    from verified_domain
    where $1::text is null or organization_id = $1
    order by organization_id, domain`,
}

const check = {
  name: 'domain_check',
  text: `
    with checked as (
      update verified_domain
      set checked_at = $4, verified_at = $3
      where organization_id = $1
        and domain = $2
      returning organization_id
    )
    select record_events(checked.organization_id, $5::jsonb)
    from checked`,
}

const remove = {
  name: 'domain_remove',
  text: `
    with removed as (
      delete from verified_domain
      where organization_id = $1
        and domain = $2
      returning organization_id
    )
    select record_events(removed.organization_id, $3::jsonb)
    from removed`,
}

const relink = {
  name: 'identity_relink',
  text: `
    select relink_identity($1, $2, $3, $4, $5::jsonb) as relinked`,
}

const listIdentities = {
  name: 'identity_list',
  text: `
    select connection_id as "connectionId", created_at as since
    from identity
    where account_id = $2
      and organization_id = $1
    order by created_at, connection_id, subject_key`,
}

interface DomainRow extends Omit<VerifiedDomain, 'verifiedAt' | 'checkedAt'> {
  readonly verifiedAt: Date | null
  readonly checkedAt: Date | null
}

function toDomain({ verifiedAt, checkedAt, ...rest }: DomainRow): VerifiedDomain {
  return { ...rest, ...(verifiedAt && { verifiedAt }), ...(checkedAt && { checkedAt }) }
}

function checkFound(rows: readonly unknown[], domain: string): void {
  if (rows.length === 0) throw new LatchkeyError('domain_not_found', { arrived: domain })
}

export function linkingQueries(db: Queryable): LinkingDirectory {
  return {
    async addDomain({ organizationId, domain, token, createdAt }, event) {
      await run(db, add, [organizationId, domain, token, createdAt, JSON.stringify([event])])
    },
    async listDomains(organizationId) {
      return (await run<DomainRow>(db, list, [organizationId ?? null])).map(toDomain)
    },
    async checkedDomain({ organizationId, domain, verifiedAt, checkedAt }, event) {
      const values = [organizationId, domain, verifiedAt ?? null, checkedAt, JSON.stringify(event ? [event] : [])]
      checkFound(await run(db, check, values), domain)
    },
    async removeDomain({ organizationId, domain }, event) {
      checkFound(await run(db, remove, [organizationId, domain, JSON.stringify([event])]), domain)
    },
    listIdentities: (organizationId, accountId) => run(db, listIdentities, [organizationId, asUuid(accountId)]),
    async relinkIdentity({ organizationId, connectionId, subjectKey, accountId }, event) {
      const values = [organizationId, connectionId, subjectKey, asUuid(accountId), JSON.stringify(event)]
      const [row] = await run<{ relinked: { before: string | null } | null }>(db, relink, values)
      if (!row?.relinked) throw new LatchkeyError('account_not_found', { arrived: accountId })
      return row.relinked.before === null ? {} : { before: row.relinked.before }
    },
  }
}
