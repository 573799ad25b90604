import { z } from 'zod'
import { isLocalAccount } from '../directory/local-administrator.ts'
import { LatchkeyError } from '../errors.ts'
import { accountInput, showAccount } from './accounts.ts'
import { type Administration, auditEvent } from './administration.ts'
import { findAttempt } from './attempts.ts'
import { parseInput } from './parse-input.ts'

export const relinkAccountInput = accountInput.extend({
  /** Of a sign-in that was refused because its user name is taken. */
  attempt: z.string().trim().min(1).max(64),
})

export interface Relinked {
  readonly account: { readonly organizationId: string; readonly id: string; readonly username: string }
  readonly connection: string
  /** The account that this identity led to before. */
  readonly before?: string
}

/**
 * Leads whoever was refused in this attempt to this account from now on: their subject key is new, or they come over another
 * connection. The account keeps its other identities. Throws `account_not_found`, `account_is_local`, `attempt_not_found`,
 * `attempt_not_linkable`.
 */
export async function relinkAccount(
  input: z.input<typeof relinkAccountInput>,
  deps: Administration,
): Promise<Relinked> {
  const { attempt: reference, ...which } = parseInput(relinkAccountInput, input)
  const { account } = await showAccount(which, deps)
  const { organizationId, id, username } = account
  if (isLocalAccount(id)) throw local(id)
  const attempt = await findAttempt({ reference }, deps)
  const subjectKey = attempt.trace.map(({ notes }) => notes?.subjectKey).find((key) => typeof key === 'string')
  if (attempt.organizationId !== organizationId || subjectKey === undefined) throw notLinkable(reference)
  const { connectionId } = attempt
  const detail = { connection: connectionId, attempt: attempt.id }
  const event = auditEvent(deps, 'account.relinked', `account:${id}`, detail)
  const link = { organizationId, connectionId, subjectKey, accountId: id }
  const { before } = await deps.directory.relinkIdentity(link, event)
  const moved = before === undefined || before === id ? {} : { before }
  return { account: { organizationId, id, username }, connection: connectionId, ...moved }
}

function local(id: string): LatchkeyError {
  const wanted = 'an account that connections may lead to'
  return new LatchkeyError('account_is_local', {
    check: 'account',
    wanted,
    arrived: 'a local administrator',
    at: `account:${id}`,
  })
}

function notLinkable(reference: string): LatchkeyError {
  return new LatchkeyError('attempt_not_linkable', {
    check: 'attempt',
    wanted: 'one of this organization that was refused with account_conflict or account_link_pending',
    arrived: reference,
  })
}
