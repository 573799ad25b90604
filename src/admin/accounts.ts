import { z } from 'zod'
import type { Account } from '../directory/account.ts'
import type { AccountWithGrants } from '../directory/directory.ts'
import { LatchkeyError } from '../errors.ts'
import { type Administration, auditEvent } from './administration.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

export const listAccountsInput = z.strictObject({
  organization: nameInput.optional(),
  limit: z.int().min(1).max(1000).default(100),
  after: z.string().max(1024).optional(),
})

/** One page, in order of user name. Throws `organization_not_found`. */
export async function listAccounts(
  input: z.input<typeof listAccountsInput>,
  deps: Administration,
): Promise<readonly Account[]> {
  const { organization, limit, after } = parseInput(listAccountsInput, input)
  const { id } = await chooseOrganization(organization, deps.directory)
  return deps.directory.listAccounts(id, { limit, ...(after === undefined ? {} : { after }) })
}

export const accountInput = z.strictObject({
  organization: nameInput.optional(),
  /** User name or id. */
  account: z.string().min(1).max(1024),
})

/** Fields and grants with their provenance. Throws `account_not_found`, `organization_not_found`. */
export async function showAccount(
  input: z.input<typeof accountInput>,
  deps: Administration,
): Promise<AccountWithGrants> {
  const { organization, account } = parseInput(accountInput, input)
  const { id } = await chooseOrganization(organization, deps.directory)
  const found = await deps.directory.findAccount(id, account)
  if (found) return found
  throw new LatchkeyError('account_not_found', {
    check: 'account',
    wanted: `user name or id of an account of ${id}`,
    arrived: account,
  })
}

export interface StateChange {
  readonly account: Pick<Account, 'organizationId' | 'id' | 'username' | 'state'>
  /** False: it was in this state already, and nothing was written. */
  readonly changed: boolean
  readonly sessionsEnded: number
}

/** Ends access and every open session at once. Throws `account_not_found`, `account_deactivated`. */
export async function suspendAccount(input: z.input<typeof accountInput>, deps: Administration): Promise<StateChange> {
  const { account } = await showAccount(input, deps)
  if (account.state === 'deactivated') {
    throw new LatchkeyError('account_deactivated', { check: 'state', wanted: 'active', arrived: account.state })
  }
  return changeState(account, 'suspended', 'account.suspended', deps)
}

/** Gives access back; the person signs in anew. Throws `account_not_found`. */
export async function reinstateAccount(
  input: z.input<typeof accountInput>,
  deps: Administration,
): Promise<StateChange> {
  const { account } = await showAccount(input, deps)
  return changeState(account, 'active', 'account.reinstated', deps)
}

async function changeState(
  account: Account,
  state: Account['state'],
  action: string,
  deps: Administration,
): Promise<StateChange> {
  const { organizationId, id, username } = account
  const after = { organizationId, id, username, state }
  if (account.state === state) return { account: after, changed: false, sessionsEnded: 0 }
  const event = auditEvent(deps, action, `account:${id}`, { before: account.state, after: state })
  const { sessionsEnded } = await deps.directory.setAccountState(organizationId, id, state, event)
  return { account: after, changed: true, sessionsEnded }
}
