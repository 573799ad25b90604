import type { z } from 'zod'
import type { Account, AccountState } from '../directory/account.ts'
import { LatchkeyError } from '../errors.ts'
import { type accountInput, showAccount } from './accounts.ts'
import { type Administration, auditEvent } from './administration.ts'

/** What an administrator does to the state of an account. What takes access away ends every open session at once. */

export interface StateChange {
  readonly account: Pick<Account, 'organizationId' | 'id' | 'username' | 'state'>
  /** False: it was in this state already, and nothing was written. */
  readonly changed: boolean
  readonly sessionsEnded: number
}

type Input = z.input<typeof accountInput>

/** Throws `account_not_found`, `account_deactivated`, `last_administrator`. */
export async function suspendAccount(input: Input, deps: Administration): Promise<StateChange> {
  const { account } = await showAccount(input, deps)
  if (account.state === 'deactivated') {
    throw new LatchkeyError('account_deactivated', { check: 'state', wanted: 'active', arrived: account.state })
  }
  return changeState(account, 'suspended', 'account.suspended', deps)
}

/** For good, unless the connection reinstates whoever signs in. Throws `account_not_found`, `last_administrator`. */
export async function deactivateAccount(input: Input, deps: Administration): Promise<StateChange> {
  const { account } = await showAccount(input, deps)
  return changeState(account, 'deactivated', 'account.deactivated', deps)
}

/** Gives access back; the person signs in anew. Throws `account_not_found`, `account_pending`, `seat_limit_reached`. */
export async function reinstateAccount(input: Input, deps: Administration): Promise<StateChange> {
  const { account } = await showAccount(input, deps)
  if (account.state === 'pending') {
    throw new LatchkeyError('account_pending', {
      check: 'state',
      wanted: 'suspended or deactivated',
      arrived: account.state,
      advice: `latchkey account approve ${account.id}`,
    })
  }
  return changeState(account, 'active', 'account.reinstated', deps)
}

/** Lets somebody in who waits. Throws `account_not_found`, `account_not_pending`, `seat_limit_reached`. */
export async function approveAccount(input: Input, deps: Administration): Promise<StateChange> {
  const { account } = await showAccount(input, deps)
  if (account.state !== 'active') checkPending(account)
  return changeState(account, 'active', 'account.approved', deps)
}

/**
 * Refuses somebody who waits, until an administrator reinstates them: suspended, and not deactivated, since a connection may
 * reinstate whoever is. Throws `account_not_found`, `account_not_pending`.
 */
export async function rejectAccount(input: Input, deps: Administration): Promise<StateChange> {
  const { account } = await showAccount(input, deps)
  if (account.state !== 'suspended') checkPending(account)
  return changeState(account, 'suspended', 'account.rejected', deps)
}

function checkPending({ id, state }: Account): void {
  if (state === 'pending') return
  throw new LatchkeyError('account_not_pending', {
    check: 'state',
    wanted: 'pending',
    arrived: state,
    at: `account:${id}`,
  })
}

async function changeState(
  account: Account,
  state: AccountState,
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
