import type { Account } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import type { AccountWrites, SignInState } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'

/** In which state the account comes out of this sign-in, and what must be written for it. */
export interface PlannedState {
  readonly after: 'pending' | 'active'
  /** What is written: nothing for an account that has access and keeps it. */
  readonly writes: Pick<AccountWrites, 'state' | 'approvalExpiresAt' | 'takesSeat'>
  /** What the audit says of it, where it says anything. */
  readonly action?: 'account.approval_requested' | 'account.reinstated'
}

export interface StateContext {
  readonly connection: Connection
  readonly now: Date
  /** A condition of the connection holds new accounts like this one for approval. */
  readonly mustWait?: boolean
}

/**
 * Who may enter, and who waits. Signing in never brings back an account that somebody ended, unless the connection says
 * so of deactivated ones; and never makes an account wait that has access.
 *
 * Throws `account_creation_disabled`, `account_suspended`, `account_deactivated`, `seat_limit_reached`.
 */
export function planState({ account: before, seats }: SignInState, context: StateContext): PlannedState {
  const { settings } = context.connection
  if (before === undefined) {
    checkMayBeCreated(context.connection)
    if (settings.newAccounts === 'pending' || context.mustWait === true) return requestApproval(context)
    return { after: 'active', writes: takeSeat(seats, context.connection) }
  }
  if (before.state === 'active') return { after: 'active', writes: {} }
  if (before.state === 'pending') return keepWaiting(before, context)
  if (before.state !== 'deactivated' || !settings.reinstateDeactivated) throw ended(before)
  takeSeat(seats, context.connection)
  // Without a limit too: one that was set meanwhile counts.
  return { after: 'active', writes: { state: 'active', takesSeat: true }, action: 'account.reinstated' }
}

/** A request that has lapsed and is still there is made anew. */
function keepWaiting({ approvalExpiresAt }: Account, context: StateContext): PlannedState {
  if (approvalExpiresAt === undefined || approvalExpiresAt <= context.now) return requestApproval(context)
  return { after: 'pending', writes: { state: 'pending' } }
}

function requestApproval({ connection, now }: StateContext): PlannedState {
  const approvalExpiresAt = new Date(now.getTime() + connection.settings.approvalDays * 86_400_000)
  return { after: 'pending', writes: { state: 'pending', approvalExpiresAt }, action: 'account.approval_requested' }
}

function checkMayBeCreated(connection: Connection): void {
  if (connection.settings.jitProvisioning) return
  throw new LatchkeyError('account_creation_disabled', {
    check: 'jitProvisioning',
    wanted: 'an account with the subject key of the assertion',
    arrived: 'none, and jitProvisioning is off',
    at: `connection:${connection.id}`,
  })
}

/** The storage counts again when it writes; this says it before anything is tried. */
function takeSeat(seats: SignInState['seats'], { organizationId }: Connection): PlannedState['writes'] {
  if (seats === undefined) return {}
  if (seats.taken < seats.limit) return { takesSeat: true }
  throw new LatchkeyError('seat_limit_reached', {
    check: 'seat limit of the organization',
    wanted: `fewer than ${seats.limit} active accounts`,
    arrived: `${seats.taken}`,
    at: `organization:${organizationId}`,
    advice: 'Suspend or deactivate accounts nobody uses, or raise the limit.',
  })
}

function ended({ id, state }: Account): LatchkeyError {
  const isSuspended = state === 'suspended'
  return new LatchkeyError(isSuspended ? 'account_suspended' : 'account_deactivated', {
    check: 'state of the account',
    wanted: 'active',
    arrived: state,
    at: `account:${id}`,
    ...(isSuspended ? { advice: `latchkey account reinstate ${id}` } : {}),
  })
}
