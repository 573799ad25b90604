import type { SignInDirectory } from '../../directory/directory.ts'
import type { SignInAttempt } from '../../directory/sign-in.ts'
import { type Queryable, run } from '../statement.ts'
import { asUuid } from './account.ts'

const record = {
  name: 'attempt_record',
  text: `
    select record_attempt($1::jsonb)`,
}

const columns = `
      id,
      organization_id as "organizationId",
      connection_id as "connectionId",
      at,
      outcome,
      code,
      account_id as "accountId",
      trace`

/** References are short: of several attempts with the same one, the newest. */
const findByReference = {
  name: 'attempt_find_by_reference',
  text: `
    select ${columns}
    from sign_in_attempt
    where right(id::text, 12) = $1
    order by id desc
    limit 1`,
}

const findById = {
  name: 'attempt_find_by_id',
  text: `
    select ${columns}
    from sign_in_attempt
    where right(id::text, 12) = right($1::text, 12)
      and id = $1::uuid`,
}

const findAt = {
  name: 'attempt_find_at',
  text: `
    select ${columns}
    from sign_in_attempt
    where at = $3
      and organization_id = $1
      and account_id = $2
      and outcome = 'accepted'
    order by id desc
    limit 1`,
}

const list = {
  name: 'attempt_list',
  text: `
    select ${columns}
    from sign_in_attempt
    where organization_id = $1
      and ($2::text is null or connection_id = $2)
      and ($3::text is null or outcome = $3)
    order by id desc
    limit $4`,
}

interface AttemptRow extends Omit<SignInAttempt, 'code' | 'accountId'> {
  readonly code: string | null
  readonly accountId: string | null
}

function toAttempt({ code, accountId, ...rest }: AttemptRow): SignInAttempt {
  return { ...rest, ...(code !== null && { code }), ...(accountId !== null && { accountId }) }
}

type AttemptDirectory = Pick<SignInDirectory, 'recordAttempt' | 'findAttemptAt' | 'findAttempt' | 'listAttempts'>

export function attemptQueries(db: Queryable): AttemptDirectory {
  return {
    async recordAttempt(attempt) {
      await run(db, record, [JSON.stringify(attempt)])
    },
    async findAttempt(reference) {
      const id = asUuid(reference)?.toLowerCase()
      const short = reference.replaceAll('-', '').toLowerCase()
      const [row] = await (id ? run<AttemptRow>(db, findById, [id]) : run<AttemptRow>(db, findByReference, [short]))
      return row && toAttempt(row)
    },
    async findAttemptAt({ organizationId, id }, at) {
      const [row] = await run<AttemptRow>(db, findAt, [organizationId, id, at])
      return row && toAttempt(row)
    },
    async listAttempts({ organizationId, connectionId, outcome, limit }) {
      const values = [organizationId, connectionId ?? null, outcome ?? null, limit]
      return (await run<AttemptRow>(db, list, values)).map(toAttempt)
    },
  }
}
