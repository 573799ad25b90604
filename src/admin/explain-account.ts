import type { z } from 'zod'
import type { AccountWithGrants } from '../directory/directory.ts'
import type { ApprovalNote } from '../directory/notice.ts'
import type { AuditEvent } from '../directory/sign-in.ts'
import { type accountInput, revealAccount, showAccount } from './accounts.ts'
import type { Administration } from './administration.ts'

/** A way in: since when it leads to the account, and how that came about. */
export interface ShownIdentity {
  readonly connection: string
  readonly since: Date
  readonly how: string
}

export interface ExplainedAccount extends AccountWithGrants {
  /** In order of time. */
  readonly identities: readonly ShownIdentity[]
  /** What somebody who waits for approval says. */
  readonly note?: ApprovalNote
}

type Input = z.input<typeof accountInput>

/** An account with the identities that lead to it. Throws `account_not_found`, `organization_not_found`. */
export async function explainAccount(input: Input, deps: Administration): Promise<ExplainedAccount> {
  return withIdentities(await showAccount(input, deps), deps)
}

/** The same with sensitive values; that somebody read them is recorded first. */
export async function explainRevealedAccount(input: Input, deps: Administration): Promise<ExplainedAccount> {
  return withIdentities(await revealAccount(input, deps), deps)
}

async function withIdentities(found: AccountWithGrants, { directory }: Administration): Promise<ExplainedAccount> {
  const { organizationId, id } = found.account
  const identities: ShownIdentity[] = []
  for (const { connectionId, since } of await directory.listIdentities(organizationId, id)) {
    const events = await directory.listAuditEvents(organizationId, `account:${id}`, since)
    identities.push({ connection: connectionId, since, how: howLinked(connectionId, events) })
  }
  const note = (await directory.findApprovalNotes(organizationId, [id])).get(id)
  return { ...found, identities, ...(note && { note }) }
}

function howLinked(connection: string, events: readonly AuditEvent[]): string {
  const own = events.filter(
    ({ actor, detail }) => (detail.connection ?? actor.replace(/^connection:/, '')) === connection,
  )
  const find = (action: string) => own.find((event) => event.action === action)
  const linked = find('account.linked')
  if (linked?.detail.by === 'proof') return `proved by signing in over ${linked.detail.provedOver}`
  if (linked !== undefined) return 'e-mail address of a verified domain'
  const relinked = find('account.relinked')
  if (relinked !== undefined) return `connected by ${relinked.actor}`
  return find('account.created') === undefined ? 'not recorded' : 'first sign-in'
}
