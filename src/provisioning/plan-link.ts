import { type Grant, normalForm } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import { isLocalAccount } from '../directory/local-administrator.ts'
import type { Role } from '../directory/role.ts'
import type { LinkCandidate, SignInState } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import type { Subject } from './subject.ts'

/** What the decision depends on besides. */
export interface LinkContext {
  readonly connection: Connection
  readonly now: Date
  /** What was kept for the proof; absent in a preview, and where the sign-in did not begin here. */
  readonly linkRequestId?: string | undefined
}

/**
 * Whether somebody who is not known by their subject key is the person whose account holds their user name. Decided only
 * where the connection says so; never for an account that administers Latchkey, and not even proposed for a local administrator.
 * See docs/decisions/0222 and 0265.
 *
 * Throws `account_link_pending` where an administrator has to decide, `account_link_proof_required` where the person may
 * prove it by signing in the way they did before.
 */
export function planLink(state: SignInState, subject: Subject, context: LinkContext): LinkCandidate | undefined {
  const candidate = candidateOf(state, context.connection)
  if (candidate === undefined) return undefined
  const obstacle = obstacles[context.connection.settings.linking](candidate, subject, state, context)
  if (obstacle !== undefined) throw linkPending(obstacle, candidate.account.id, subject.subjectKey)
  if (context.connection.settings.linking === 'proof') throw proofRequired(candidate, subject, context)
  return candidate
}

/** The account that this person could prove to be theirs, where the connection links by proof. */
export function provableAccount(state: SignInState, context: LinkContext): LinkCandidate | undefined {
  if (context.connection.settings.linking !== 'proof') return undefined
  const candidate = candidateOf(state, context.connection)
  return candidate !== undefined && whyNotProved(candidate, state, context) === undefined ? candidate : undefined
}

/** An account that administers Latchkey is led to by an administrator's command alone. */
export function administersLatchkey(grants: readonly Grant[], roles: readonly Role[]): boolean {
  const administration = new Set(roles.filter(({ kind }) => kind === 'administration').map(({ name }) => name))
  return grants.some(({ kind, name }) => kind === 'role' && administration.has(name))
}

/** `obstacle`: what keeps the identity from the account, in words for administrators. */
export function linkPending(obstacle: string, accountId: string, subjectKey: string): LatchkeyError {
  return new LatchkeyError('account_link_pending', {
    check: 'linking',
    wanted: 'a known subject key, or an account that may be linked by itself',
    arrived: obstacle,
    at: `account:${accountId}`,
    subjectKey,
    advice: `When both are the same person: latchkey account relink ${accountId} --attempt REFERENCE`,
  })
}

function candidateOf(state: SignInState, { settings }: Connection): LinkCandidate | undefined {
  const candidate = state.account === undefined && settings.linking !== 'off' ? state.linkCandidate : undefined
  return candidate === undefined || isLocalAccount(candidate.account.id) ? undefined : candidate
}

type WhyNot = (
  candidate: LinkCandidate,
  subject: Subject,
  state: SignInState,
  context: LinkContext,
) => string | undefined

/** What stands against each way of linking; nothing: it goes on. */
const obstacles: Readonly<Record<Connection['settings']['linking'], WhyNot>> = {
  off: () => undefined,
  approval: () => 'linking by approval',
  verifiedDomain: whyNotByDomain,
  proof: (candidate, _subject, state, context) => whyNotProved(candidate, state, context),
}

/** What keeps an identity from being led to this account by itself. */
function whyNotByDomain(candidate: LinkCandidate, subject: Subject, state: SignInState): string | undefined {
  const { account, domains } = candidate
  const arrived = subject.fields.mail?.values[0]
  if (arrived === undefined) return 'no e-mail address'
  const mail = normalForm(arrived)
  if (!domains.includes(mail.slice(mail.lastIndexOf('@') + 1))) return 'an e-mail domain that is not verified'
  const own = [account.username, ...(account.fields.mail?.values ?? [])].map(normalForm)
  if (!own.includes(mail)) return 'another e-mail address than that of the account'
  return whyNotAtAll(candidate, state)
}

/** What keeps a person from proving that the account is theirs. */
function whyNotProved(
  candidate: LinkCandidate,
  state: SignInState,
  { connection, now }: LinkContext,
): string | undefined {
  const { expiresAt } = candidate.account
  if (expiresAt !== undefined && expiresAt <= now) return 'an account that has expired'
  if (!candidate.connections.some((id) => id !== connection.id))
    return 'an account that is known over no other connection'
  return whyNotAtAll(candidate, state)
}

function whyNotAtAll({ account, grants }: LinkCandidate, { roles }: SignInState): string | undefined {
  if (account.state !== 'active') return `an account that is ${account.state}`
  return administersLatchkey(grants, roles) ? 'an account that administers' : undefined
}

function proofRequired({ account }: LinkCandidate, subject: Subject, { linkRequestId }: LinkContext): LatchkeyError {
  return new LatchkeyError('account_link_proof_required', {
    check: 'linking',
    wanted: 'a known subject key, or a proof by signing in over another connection',
    arrived: 'an unknown one, with the user name of this account',
    at: `account:${account.id}`,
    subjectKey: subject.subjectKey,
    ...(linkRequestId === undefined ? {} : { linkRequest: linkRequestId }),
    advice: `Whoever began to sign in here is asked for the proof at once. To connect the two yourself: latchkey account relink ${account.id} --attempt REFERENCE`,
  })
}
