import type { AuditDirectory } from '../../directory/directory.ts'
import type { AuditEvent } from '../../directory/sign-in.ts'
import { type Queryable, run } from '../statement.ts'

/** How much later than the act its events may have been given their ids. */
const lagMs = 60_000

/** There is no index by target: ids of events begin with their time, so the primary key finds those of one moment. */
const list = {
  name: 'audit_list_at',
  text: `
    select id, at, actor, action, target, detail
    from audit_event
    where organization_id = $1
      and id >= $4::uuid
      and id < $5::uuid
      and target = $2
      and at = $3
    order by id`,
}

const record = {
  name: 'audit_record',
  text: `
    select record_events($1, $2::jsonb)`,
}

export function auditQueries(db: Queryable): AuditDirectory {
  return {
    listAuditEvents(organizationId, target, at) {
      const values = [organizationId, target, at, firstIdAt(at.getTime()), firstIdAt(at.getTime() + lagMs)]
      return run<AuditEvent & Record<string, unknown>>(db, list, values)
    },
    async recordAuditEvent(organizationId, event) {
      await run(db, record, [organizationId, JSON.stringify([event])])
    },
  }
}

/** The smallest UUID of version 7 of this millisecond. RFC 9562 5.7. */
function firstIdAt(ms: number): string {
  const time = ms.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`
}
