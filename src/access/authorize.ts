import type { AccountState, Grant } from '../directory/account.ts'
import type { Application } from '../directory/application.ts'
import { type ErrorDetail, LatchkeyError } from '../errors.ts'
import { accessSubject } from './access-subject.ts'
import { admits } from './admits.ts'
import type { AccessSubject, Authorized } from './authorized.ts'

/** What a plan must say to be authorized: by which connection the account comes, and what it will hold. */
export interface Authorizable {
  readonly connectionId: string
  readonly after: { readonly id: string; readonly state: AccountState; readonly grants: readonly Grant[] }
}

/** What whoever waits is told besides. */
type WordsWhileWaiting = Pick<ErrorDetail, 'explanation' | 'contact'>

/**
 * Lets a planned account on to where its sign-in leads: nowhere in particular (`undefined`), or into an application that
 * lists its connection and has a rule that would admit it somewhere. Which address it may open is decided there, request
 * by request, by `decideAccess`. The only place that makes an `Authorized`.
 *
 * Throws `account_pending`, `account_not_entitled`.
 */
export function authorize<P extends Authorizable>(
  plan: P,
  application: Application | undefined,
  whileWaiting: WordsWhileWaiting = {},
): Authorized<P> {
  checkActive(plan.after, whileWaiting)
  if (application !== undefined) checkEntitled(application, accessSubject(plan.connectionId, plan.after.grants))
  return plan as Authorized<P>
}

function checkActive({ id, state }: Authorizable['after'], words: WordsWhileWaiting): void {
  if (state === 'active') return
  throw new LatchkeyError('account_pending', {
    check: 'state of the account',
    wanted: 'active',
    arrived: state,
    at: `account:${id}`,
    account: id,
    advice: `latchkey account approve ${id}, or latchkey account reject ${id}`,
    ...words,
  })
}

function checkEntitled(application: Application, subject: AccessSubject): void {
  const { connections, policy } = application.settings
  if (!connections.includes(subject.connectionId)) {
    throw new LatchkeyError('account_not_entitled', {
      check: 'connections of the application',
      wanted: `one of ${connections.join(', ')}`,
      arrived: subject.connectionId,
      at: `application:${application.id}`,
      advice: 'Add the connection to the application when its people shall enter.',
    })
  }
  if (policy.some((rule) => admits(rule, subject))) return
  throw new LatchkeyError('account_not_entitled', {
    check: 'policy of the application',
    wanted: `one of ${wantedBy(application)}`,
    arrived: listed([...subject.roles], [...subject.groups]),
    at: `application:${application.id}`,
    advice: 'Give the person one of these roles or groups, or add a rule that names one they hold.',
  })
}

function wantedBy({ settings: { policy } }: Application): string {
  const open = policy.filter((rule) => rule.allow === undefined)
  return listed(
    [...new Set(open.flatMap((rule) => rule.roles ?? []))],
    [...new Set(open.flatMap((rule) => rule.groups ?? []))],
  )
}

function listed(roles: readonly string[], groups: readonly string[]): string {
  const shown = (names: readonly string[]) => (names.length > 0 ? names.slice(0, 50).join(', ') : 'none')
  return `roles: ${shown(roles)}; groups: ${shown(groups)}`
}
