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

/** Throws `account_not_found`, `account_state_unfit`, `last_administrator`. */
export function suspendAccount(input: Input, deps: Administration): Promise<StateChange> {
  return changeState(input, { to: 'suspended', action: 'account.suspended', check: checkNotDeactivated }, deps)
}

function checkNotDeactivated(account: Account): void {
  if (account.state === 'deactivated') throw unfit(account, 'active or pending')
}

/**
 * For good, unless the connection reinstates whoever signs in: hence not for somebody who waits, who would get in unapproved. Throws
 * `account_not_found`, `account_state_unfit`, `last_administrator`.
 */
export function deactivateAccount(input: Input, deps: Administration): Promise<StateChange> {
  const check = (account: Account) => {
    if (account.state === 'pending')
      throw unfit(account, 'active or suspended', `latchkey account reject ${account.id}`)
  }
  return changeState(input, { to: 'deactivated', action: 'account.deactivated', check }, deps)
}

/** Gives access back; the person signs in anew. Throws `account_not_found`, `account_state_unfit`, `seat_limit_reached`. */
export function reinstateAccount(input: Input, deps: Administration): Promise<StateChange> {
  const check = (account: Account) => {
    if (account.state !== 'pending') return
    throw unfit(account, 'suspended or deactivated', `latchkey account approve ${account.id}`)
  }
  return changeState(input, { to: 'active', action: 'account.reinstated', check }, deps)
}

function unfit({ id, state }: Account, wanted: string, advice?: string): LatchkeyError {
  const place = { at: `account:${id}`, ...(advice === undefined ? {} : { advice }) }
  return new LatchkeyError('account_state_unfit', { check: 'state', wanted, arrived: state, ...place })
}

/** Lets somebody in who waits. Throws `account_not_found`, `account_not_pending`, `seat_limit_reached`. */
export function approveAccount(input: Input, deps: Administration): Promise<StateChange> {
  return changeState(input, { to: 'active', action: 'account.approved', check: checkPending }, deps)
}

/**
 * Refuses somebody who waits, until an administrator reinstates them: suspended, and not deactivated, since a connection may
 * reinstate whoever is. Throws `account_not_found`, `account_not_pending`.
 */
export function rejectAccount(input: Input, deps: Administration): Promise<StateChange> {
  return changeState(input, { to: 'suspended', action: 'account.rejected', check: checkPending }, deps)
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

interface Change {
  readonly to: AccountState
  readonly action: string
  /** Throws where an account in this state may not be changed so; one that is there already is not asked about. */
  readonly check: (account: Account) => void
}

/** Decides on the state that is written over: whoever was overtaken by somebody else decides again. */
async function changeState(input: Input, change: Change, deps: Administration): Promise<StateChange> {
  for (;;) {
    const { account } = await showAccount(input, deps)
    const changed = await changeFrom(account, change, deps)
    if (changed !== 'stale') return changed
  }
}

async function changeFrom(
  account: Account,
  { to, action, check }: Change,
  deps: Administration,
): Promise<StateChange | 'stale'> {
  const { organizationId, id, username, state: from } = account
  const after = { organizationId, id, username, state: to }
  if (from === to) return { account: after, changed: false, sessionsEnded: 0 }
  check(account)
  const event = auditEvent(deps, action, `account:${id}`, { before: from, after: to })
  const ended = await deps.directory.setAccountState(organizationId, id, { from, to }, event)
  return ended === 'stale' ? ended : { account: after, changed: true, ...ended }
}
