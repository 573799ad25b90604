import type { ProvenanceDirectory } from '../../directory/directory.ts'
import type { FieldImpact, GrantImpact, LostGrant } from '../../directory/provenance.ts'
import { type Queryable, run } from '../statement.ts'

/** Asked by an administrator now and then: these read all that an organization has. */
const ofSource = `
      held.organization_id = $1
      and held.source = $2
      and ($3::text is null or held.rule = $3)`

const heldElsewhere = `
      exists (
        select
        from account_grant as other
        where other.organization_id = held.organization_id
          and other.account_id = held.account_id
          and other.kind = held.kind
          and other.name = held.name
          and other.source <> held.source
      )`

const grants = {
  name: 'provenance_grants',
  text: `
    select
      kind,
      name,
      rule,
      count(*)::integer as accounts,
      (count(*) filter (where not ${heldElsewhere}))::integer as lost
    from account_grant as held
    where ${ofSource}
    group by kind, name, rule
    order by lost desc, kind desc, name, rule`,
}

const lost = {
  name: 'provenance_lost',
  text: `
    select held.kind, held.name, held.rule, account.id as "accountId", account.username
    from account_grant as held
    join account on account.organization_id = held.organization_id and account.id = held.account_id
    where ${ofSource}
      and not ${heldElsewhere}
    order by account.username_key, held.kind desc, held.name
    limit $4`,
}

const fields = {
  name: 'provenance_fields',
  text: `
    select field.key as field, field.value ->> 'rule' as rule, count(*)::integer as accounts
    from account, jsonb_each(account.fields) as field
    where account.organization_id = $1
      and field.value ->> 'source' = $2
      and ($3::text is null or field.value ->> 'rule' = $3)
    group by field.key, field.value ->> 'rule'
    order by accounts desc, field, rule`,
}

const reached = {
  name: 'provenance_reached',
  text: `
    select
      count(distinct account_id)::integer as reached,
      (
        count(distinct account_id) filter (
          where not exists (
            select
            from identity as other
            where other.organization_id = identity.organization_id
              and other.account_id = identity.account_id
              and other.connection_id <> identity.connection_id
          )
        )
      )::integer as "onlyHere"
    from identity
    where organization_id = $1
      and connection_id = $2`,
}

export function provenanceQueries(db: Queryable): ProvenanceDirectory {
  return {
    async readImpact({ organizationId, connectionId, source, rule, limit }) {
      const which = [organizationId, source, rule ?? null]
      const [accounts] = await run<{ reached: number; onlyHere: number }>(db, reached, [organizationId, connectionId])
      return {
        grants: await run<GrantImpact & Record<string, unknown>>(db, grants, which),
        fields: await run<FieldImpact & Record<string, unknown>>(db, fields, which),
        lost: await run<LostGrant & Record<string, unknown>>(db, lost, [...which, limit]),
        accounts: { reached: accounts?.reached ?? 0, onlyHere: accounts?.onlyHere ?? 0 },
      }
    },
  }
}
