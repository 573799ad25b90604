import type { Catalog } from '../access/catalog.ts'
import type { Account } from '../directory/account.ts'
import type { Connection } from '../directory/connection.ts'
import type { SetUpDirectory } from '../directory/directory.ts'
import type { SetUp, SetUpState } from '../directory/set-up.ts'
import { type ErrorCode, LatchkeyError } from '../errors.ts'
import { isSameBrowser } from '../sessions/browser-secret.ts'
import { hashToken } from '../sessions/token-hash.ts'
import { checkEnabled } from '../sign-in/begin-sign-in.ts'
import { type AskedQuestion, questionsFor } from './questions-for.ts'

/**
 * Set-up: what a person is asked between their sign-in and the place it leads to, because no connection supplies it. A
 * sign-in leads here with a ticket (`sign-in/lead-on.ts`); this folder shows what is asked, judges the answers, and
 * gives the session that waits its token. It knows neither pages nor SQL. Start reading here, then `complete-set-up.ts`.
 */

declare const opened: unique symbol

/** What the browser brings: the ticket in the address, and its cookie. */
export interface ArrivedTicket {
  readonly connectionId: string
  readonly ticket: string
  readonly browserSecret: string | undefined
}

/** Only `openSetUp` makes one: the ticket is good, in this browser, and the account has access. */
export interface OpenSetUp {
  readonly kind: 'open'
  readonly setUp: SetUp
  readonly account: Account
  readonly connection: Connection
  readonly questions: readonly AskedQuestion[]
  readonly [opened]: true
}

/** It was answered in this browser before; nothing opens by it any more. */
export interface AnsweredSetUp {
  readonly kind: 'answered'
  readonly accountId: string
  readonly returnTo: string
}

export interface OpenSetUpDependencies {
  readonly directory: Pick<SetUpDirectory, 'findSetUp'>
  readonly catalog: Pick<Catalog, 'connection' | 'forgetConnection'>
  readonly now: () => Date
}

/**
 * Opens the page that a ticket is for. Nothing is written.
 *
 * Throws `set_up_ended`, `set_up_other_browser`, `connection_not_found`, `connection_disabled`, `account_pending`,
 * `account_suspended`, `account_deactivated`, `account_expired`.
 */
export async function openSetUp(
  { connectionId, ticket, browserSecret }: ArrivedTicket,
  { directory, catalog, now }: OpenSetUpDependencies,
): Promise<OpenSetUp | AnsweredSetUp> {
  const seen = await getConnection(connectionId, catalog)
  const ticketHash = hashToken(ticket)
  const state = ticketHash === undefined ? undefined : await directory.findSetUp({ connectionId, ticketHash })
  if (state === undefined) throw ended('a ticket that was given out here', 'another')
  const { setUp, account } = state
  if (!isSameBrowser(browserSecret, setUp.browserHash)) throw otherBrowser(browserSecret)
  if (setUp.doneAt !== undefined) return { kind: 'answered', accountId: account.id, returnTo: setUp.returnTo }
  if (setUp.expiresAt <= now()) throw ended('a ticket that has not ended', setUp.expiresAt.toISOString(), setUp)
  checkEnabled(seen)
  checkAccess(state, now())
  return askBy(seen, state) ?? askBy(await getAnew(connectionId, catalog), state) ?? refuseToAsk(setUp)
}

/** `undefined` when what the sign-in found missing is not asked for, as far as this copy of the connection knows. */
function askBy(connection: Connection, { setUp, account }: SetUpState): OpenSetUp | undefined {
  const questions = questionsFor(setUp, account, connection.declared)
  return questions && ({ kind: 'open', setUp, account, connection, questions } as OpenSetUp)
}

function refuseToAsk(setUp: SetUp): never {
  throw ended('a field that is still asked for', 'one that is not', setUp)
}

async function getConnection(id: string, catalog: Pick<Catalog, 'connection'>): Promise<Connection> {
  const connection = await catalog.connection(id)
  if (connection === undefined) throw new LatchkeyError('connection_not_found', { check: 'connection' })
  return connection
}

/** The sign-in may have seen a newer copy than this process, on another one. */
function getAnew(id: string, catalog: OpenSetUpDependencies['catalog']): Promise<Connection> {
  catalog.forgetConnection(id)
  return getConnection(id, catalog)
}

/** The refusal of a ticket that opens nothing. Where it is known, signing in again leads to the same place. */
export function ended(wanted: string, arrived: string, setUp?: Pick<SetUp, 'returnTo'>): LatchkeyError {
  const returnTo = setUp === undefined ? {} : { returnTo: setUp.returnTo }
  return new LatchkeyError('set_up_ended', { check: 'ticket for set-up', wanted, arrived, ...returnTo })
}

function otherBrowser(browserSecret: string | undefined): LatchkeyError {
  return new LatchkeyError('set_up_other_browser', {
    check: 'browser that signed in',
    wanted: 'the cookie set when the sign-in ended here',
    arrived: browserSecret === undefined ? 'no cookie' : 'the cookie of another browser',
  })
}

const codeOfState = {
  pending: 'account_pending',
  suspended: 'account_suspended',
  deactivated: 'account_deactivated',
} as const satisfies Readonly<Record<Exclude<Account['state'], 'active'>, ErrorCode>>

/** What happened to the account or its session since the sign-in counts. */
function checkAccess({ setUp, account, session }: SetUpState, now: Date): void {
  const at = `account:${account.id}`
  if (account.state !== 'active') {
    const detail = { check: 'state of the account', wanted: 'active', arrived: account.state, at }
    throw new LatchkeyError(codeOfState[account.state], detail)
  }
  if (account.expiresAt !== undefined && account.expiresAt <= now) {
    const wanted = `after ${now.toISOString()}`
    const arrived = account.expiresAt.toISOString()
    throw new LatchkeyError('account_expired', { check: 'account expiry time', wanted, arrived, at })
  }
  if (session === undefined || session.expiresAt <= now)
    throw ended('a sign-in that has not ended', 'one that has', setUp)
}
