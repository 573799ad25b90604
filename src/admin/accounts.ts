import { z } from 'zod'
import { type Account, accountStates } from '../directory/account.ts'
import type { AccountWithGrants } from '../directory/directory.ts'
import type { Organization } from '../directory/organization.ts'
import { LatchkeyError } from '../errors.ts'
import { withoutUndefined } from '../saml/without-undefined.ts'
import { type Administration, auditEvent } from './administration.ts'
import { maskAccount } from './mask-account.ts'
import { chooseOrganization } from './organizations.ts'
import { nameInput, parseInput } from './parse-input.ts'

export const listAccountsInput = z.strictObject({
  organization: nameInput.optional(),
  limit: z.int().min(1).max(1000).default(100),
  after: z.string().max(1024).optional(),
  state: z.enum(accountStates).optional(),
})

/** One page, in order of user name. Throws `organization_not_found`. */
export async function listAccounts(
  input: z.input<typeof listAccountsInput>,
  deps: Administration,
): Promise<readonly Account[]> {
  const { organization, ...page } = parseInput(listAccountsInput, input)
  const chosen = await chooseOrganization(organization, deps.directory)
  const accounts = await deps.directory.listAccounts(chosen.id, withoutUndefined(page))
  return accounts.map((account) => maskAccount(account, chosen))
}

export const accountInput = z.strictObject({
  organization: nameInput.optional(),
  /** User name or id. */
  account: z.string().min(1).max(1024),
})

/** Fields and grants with their provenance; sensitive values masked. Throws `account_not_found`, `organization_not_found`. */
export async function showAccount(
  input: z.input<typeof accountInput>,
  deps: Administration,
): Promise<AccountWithGrants> {
  const { organization, found } = await getAccount(input, deps)
  return { ...found, account: maskAccount(found.account, organization) }
}

/** The same with sensitive values; that somebody read them is recorded first. */
export async function revealAccount(
  input: z.input<typeof accountInput>,
  deps: Administration,
): Promise<AccountWithGrants> {
  const { organization, found } = await getAccount(input, deps)
  const event = auditEvent(deps, 'account.revealed', `account:${found.account.id}`, {})
  await deps.directory.recordAuditEvent(organization.id, event)
  return found
}

async function getAccount(
  input: z.input<typeof accountInput>,
  deps: Administration,
): Promise<{ readonly organization: Organization; readonly found: AccountWithGrants }> {
  const { organization: named, account } = parseInput(accountInput, input)
  const organization = await chooseOrganization(named, deps.directory)
  const { id } = organization
  const found = await deps.directory.findAccount(id, account)
  if (found) return { organization, found }
  throw new LatchkeyError('account_not_found', {
    check: 'account',
    wanted: `user name or id of an account of ${id}`,
    arrived: account,
  })
}
