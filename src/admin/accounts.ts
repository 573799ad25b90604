import { z } from 'zod'
import { type Account, accountStates } from '../directory/account.ts'
import type { AccountWithGrants } from '../directory/directory.ts'
import { LatchkeyError } from '../errors.ts'
import { withoutUndefined } from '../saml/without-undefined.ts'
import type { Administration } from './administration.ts'
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
  const { id } = await chooseOrganization(organization, deps.directory)
  return deps.directory.listAccounts(id, withoutUndefined(page))
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
