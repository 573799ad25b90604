import { normalForm } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import { isLocalAccount } from '../directory/local-administrator.ts'
import type { LinkCandidate, SignInState } from '../directory/sign-in.ts'
import { LatchkeyError } from '../errors.ts'
import type { Subject } from './subject.ts'

/**
 * Whether somebody who is not known by their subject key is the person whose account holds their user name. Decided only
 * where the connection says so; never for an account that administers Latchkey, and not even proposed for a local administrator.
 * See docs/decisions/0222.
 *
 * Throws `account_link_pending` where an administrator has to decide.
 */
export function planLink(state: SignInState, subject: Subject, connection: Connection): LinkCandidate | undefined {
  const { linking } = connection.settings
  const candidate = state.account === undefined ? state.linkCandidate : undefined
  if (candidate === undefined || linking === 'off' || isLocalAccount(candidate.account.id)) return undefined
  const obstacle = linking === 'approval' ? 'linking by approval' : whyNot(candidate, subject, state)
  if (obstacle === undefined) return candidate
  throw new LatchkeyError('account_link_pending', {
    check: 'linking',
    wanted: 'a known subject key, or an account that may be linked by itself',
    arrived: obstacle,
    at: `account:${candidate.account.id}`,
    subjectKey: subject.subjectKey,
    advice: `When both are the same person: latchkey account relink ${candidate.account.id} --attempt REFERENCE`,
  })
}

/** What keeps an identity from being led to this account by itself. */
function whyNot(
  { account, grants, domains }: LinkCandidate,
  subject: Subject,
  { roles }: SignInState,
): string | undefined {
  const arrived = subject.fields.mail?.values[0]
  if (arrived === undefined) return 'no e-mail address'
  const mail = normalForm(arrived)
  if (!domains.includes(mail.slice(mail.lastIndexOf('@') + 1))) return 'an e-mail domain that is not verified'
  const own = [account.username, ...(account.fields.mail?.values ?? [])].map(normalForm)
  if (!own.includes(mail)) return 'another e-mail address than that of the account'
  if (account.state !== 'active') return `an account that is ${account.state}`
  const administration = new Set(roles.filter(({ kind }) => kind === 'administration').map(({ name }) => name))
  if (grants.some(({ kind, name }) => kind === 'role' && administration.has(name))) return 'an account that administers'
  return undefined
}
