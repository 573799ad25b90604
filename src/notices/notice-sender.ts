import type { NoticeDirectory } from '../directory/directory.ts'
import type { LeasedNotice, NoticeKind } from '../directory/notice.ts'
import { givenUpAfterMs, secondsToNextTry } from './back-off.ts'
import { type ComposeDependencies, composeNotice } from './compose-notice.ts'
import type { Webhook } from './webhook.ts'

/**
 * Notices: what administrators are told of by the webhook of the settings. Each is a row from the moment that what it tells
 * of was written, in the same transaction, until the receiver has taken it: a crash loses none. Of several nodes one sends
 * a notice at a time, because it leases the row; one that dies between the answer and the end of the row leaves it to be sent
 * again, under the same id. This folder knows rows and HTTP out; it must not know who keeps notices. Start reading here.
 */
export interface NoticeSender {
  /** Sends what is due. Never throws for what a receiver does; gives how many were delivered. */
  sendDue(): Promise<number>
  /** Breaks off what is under way, which is sent again later. */
  close(): Promise<void>
}

export type NoticeOutcome = 'begun' | 'delivered' | 'obsolete' | 'no_webhook' | 'failed' | 'given_up'

export interface NoticeSenderOptions extends ComposeDependencies {
  readonly directory: NoticeDirectory & ComposeDependencies['directory']
  /** Absent: there is none, and a notice is over as soon as somebody has heard that it began. */
  readonly webhook: Webhook | undefined
  readonly now: () => Date
  /** Hears what becomes of each: `begun` once, then every try. */
  readonly onOutcome: (outcome: NoticeOutcome, notice: ToldNotice, reason?: string) => void
}

/** What a log may say of a notice. */
export interface ToldNotice {
  readonly id: string
  readonly kind: NoticeKind
  readonly organization: string
  readonly attempts: number
  readonly content: Readonly<Record<string, string>>
}

/** Longer than a try may take. */
const leaseSeconds = 60
const atOnce = 8

export function createNoticeSender(options: NoticeSenderOptions): NoticeSender {
  const stop = new AbortController()
  let underWay: Promise<number> = Promise.resolve(0)
  return {
    sendDue() {
      underWay = underWay.catch(() => 0).then(() => sendRounds(options, stop.signal))
      return underWay
    },
    async close() {
      stop.abort()
      await underWay.catch(() => 0)
    },
  }
}

/** Round after round until nothing is due. */
async function sendRounds(options: NoticeSenderOptions, stopped: AbortSignal): Promise<number> {
  let delivered = 0
  while (!stopped.aborted) {
    const now = options.now()
    const lease = { now, leasedUntil: new Date(now.getTime() + leaseSeconds * 1000) }
    const due = await options.directory.leaseNotices(lease, atOnce)
    const outcomes = await Promise.all(due.map((notice) => sendOne(notice, options, stopped)))
    delivered += outcomes.filter((outcome) => outcome === 'delivered').length
    if (due.length < atOnce) break
  }
  return delivered
}

async function sendOne(
  notice: LeasedNotice,
  options: NoticeSenderOptions,
  stopped: AbortSignal,
): Promise<NoticeOutcome> {
  const { id, kind, organizationId: organization, attempts, content } = notice
  const tell = (outcome: NoticeOutcome, reason?: string) => {
    options.onOutcome(outcome, { id, kind, organization, attempts, content }, reason)
    return outcome
  }
  if (attempts === 1) tell('begun')
  const body = options.webhook === undefined ? 'no_webhook' : await composeNotice(notice, options)
  if (options.webhook === undefined || body === 'obsolete') {
    await options.directory.settleNotice(notice)
    return tell(options.webhook === undefined ? 'no_webhook' : 'obsolete')
  }
  const at = options.now()
  const delivery = await options.webhook.post({ id, at, body }, stopped)
  if (delivery.delivered) {
    await options.directory.settleNotice(notice)
    return tell('delivered')
  }
  if (at.getTime() - notice.at.getTime() >= givenUpAfterMs) {
    await options.directory.settleNotice(notice)
    return tell('given_up', delivery.reason)
  }
  if (stopped.aborted) return 'failed'
  const next = new Date(at.getTime() + secondsToNextTry(attempts) * 1000)
  await options.directory.postponeNotice(notice, next, delivery.reason)
  return tell('failed', delivery.reason)
}
