import type { PreviewDirectory } from '../../directory/directory.ts'
import { type Queryable, run } from '../statement.ts'

const isConsumed = {
  name: 'preview_is_consumed',
  text: `
    select exists (
      select
      from consumed_assertion
      where organization_id = $1
        and connection_id = $2
        and assertion_hash = sha256(convert_to($3, 'UTF8'))
    ) as consumed`,
}

export function previewQueries(db: Queryable): PreviewDirectory {
  return {
    async isAssertionConsumed({ organizationId, id }, assertionId) {
      const [row] = await run<{ consumed: boolean }>(db, isConsumed, [organizationId, id, assertionId])
      return row?.consumed === true
    },
  }
}
