import { z } from 'zod'
import type { Account } from '../directory/account.ts'
import type { AccountWithGrants } from '../directory/directory.ts'
import type { ApprovalNote } from '../directory/notice.ts'
import { LatchkeyError } from '../errors.ts'
import { seal, unseal } from '../keys/seal.ts'
import { approveAccount, rejectAccount, type StateChange } from './account-states.ts'
import type { Administration } from './administration.ts'
import { maskAccount } from './mask-account.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

/**
 * Requests for approval, and the links with which an administrator decides one with a click. A link is a capability: whoever
 * has it decides about this one request, until it is decided or lapses. It is sealed, not stored.
 */

const context = 'approval-link'

export const listRequestsInput = z.strictObject({
  organization: nameInput.optional(),
  limit: z.int().min(1).max(1000).default(100),
})

export interface ApprovalRequest {
  readonly account: Account
  /** What they say themselves. */
  readonly note?: ApprovalNote
  readonly link: string
}

/** Who waits, in order of user name; sensitive values are masked. Throws `organization_not_found`, `configuration_invalid` without a secret. */
export async function listRequests(
  input: z.input<typeof listRequestsInput>,
  deps: Administration,
): Promise<readonly ApprovalRequest[]> {
  const { organization, limit } = parseInput(listRequestsInput, input)
  const chosen = await chooseOrganization(organization, deps.directory)
  const waiting = await deps.directory.listAccounts(chosen.id, { limit, state: 'pending' })
  const notes = await deps.directory.findApprovalNotes(
    chosen.id,
    waiting.map(({ id }) => id),
  )
  return waiting.map((account) => {
    const note = notes.get(account.id)
    return { account: maskAccount(account, chosen), ...(note && { note }), link: approvalLink(account, deps) }
  })
}

/** Decides what the link is for. */
export interface Approvals {
  /** Throws `approval_link_invalid`. */
  find(token: string): Promise<AccountWithGrants & { readonly note?: ApprovalNote }>
  /** Throws `approval_link_invalid`, `account_not_pending`, `seat_limit_reached`. */
  decide(token: string, decision: 'approve' | 'reject'): Promise<StateChange>
}

export function createApprovals(deps: Administration): Approvals {
  async function find(token: string) {
    const { organization, account, until } = open(token, deps.secret())
    if (until <= deps.now().getTime()) throw invalid('a link that has not lapsed')
    const found = await deps.directory.findAccount(organization, account)
    if (found === undefined) throw invalid('an account that is still there')
    const note = (await deps.directory.findApprovalNotes(organization, [account])).get(account)
    return { ...found, ...(note && { note }) }
  }
  return {
    find,
    async decide(token, decision) {
      const { account } = await find(token)
      const input = { organization: account.organizationId, account: account.id }
      return decision === 'approve' ? approveAccount(input, deps) : rejectAccount(input, deps)
    },
  }
}

const linkContent = z.strictObject({ organization: nameInput, account: z.uuid(), until: z.int() })

/** Where one click decides about this account. */
export function approvalLink(
  { organizationId, id, approvalExpiresAt }: Account,
  deps: Pick<Administration, 'secret' | 'randomBytes' | 'publicUrl'>,
): string {
  const content = { organization: organizationId, account: id, until: approvalExpiresAt?.getTime() ?? 0 }
  const { randomBytes } = deps
  return `${deps.publicUrl}/approvals?request=${seal(JSON.stringify(content), { secret: deps.secret(), context, randomBytes })}`
}

function open(token: string, secret: Buffer): z.output<typeof linkContent> {
  try {
    return linkContent.parse(JSON.parse(unseal(token, { secret, context })))
  } catch (cause) {
    throw invalid('a link that we made', cause)
  }
}

function invalid(wanted: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('approval_link_invalid', { check: 'link', wanted }, { cause })
}
