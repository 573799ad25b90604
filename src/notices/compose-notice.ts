import type { Account } from '../directory/account.ts'
import type { AccountDirectory } from '../directory/directory.ts'
import type { Notice, NoticeKind } from '../directory/notice.ts'

export interface ComposeDependencies {
  readonly directory: Pick<AccountDirectory, 'findAccount'>
  /** Where one click decides about this account. */
  readonly approvalLink: (account: Account) => string
}

/** What a notice says beyond what was kept of it, or that there is nothing to tell any more. */
type Completion = (notice: Notice, deps: ComposeDependencies) => Promise<Readonly<Record<string, string>> | 'obsolete'>

/** Links are sealed when they are sent and kept nowhere. A kind that needs nothing is told as it was kept. */
const completions: Readonly<Record<NoticeKind, Completion | undefined>> = {
  'account.waiting': async ({ organizationId, content }, { directory, approvalLink }) => {
    const found = await directory.findAccount(organizationId, content.account ?? '')
    if (found?.account.state !== 'pending') return 'obsolete'
    const { approvalExpiresAt } = found.account
    return {
      ...(approvalExpiresAt === undefined ? {} : { lapsesAt: approvalExpiresAt.toISOString() }),
      approvalLink: approvalLink(found.account),
    }
  },
}

/** The body as it is posted. `obsolete`: what it was about is over. */
export async function composeNotice(notice: Notice, deps: ComposeDependencies): Promise<string | 'obsolete'> {
  const completion = completions[notice.kind]
  const more = completion === undefined ? {} : await completion(notice, deps)
  if (more === 'obsolete') return 'obsolete'
  const data = { organization: notice.organizationId, ...notice.content, ...more }
  return JSON.stringify({ type: notice.kind, timestamp: notice.at.toISOString(), data })
}
