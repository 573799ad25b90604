import type { Logger } from 'pino'
import { daysLeft, listExpiries, stageOf } from '../admin/expiry.ts'
import type { MetadataKeeper } from '../admin/keep-metadata-fresh.ts'
import type { Directory } from '../directory/directory.ts'
import type { VerifiedDomain } from '../directory/verified-domain.ts'
import type { Metrics } from '../http/metrics.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { NoticeSender } from '../notices/notice-sender.ts'

/**
 * What a server does unasked, on timers that never keep the process alive. Of several processes that share a port each
 * follows the keys, because it holds them in memory; the rest is work on the database and one of them does it.
 */
export interface BackgroundParts {
  readonly directory: Directory
  readonly keys: KeyRing
  readonly metadataKeeper: MetadataKeeper
  readonly metrics: Metrics
  readonly log: Logger
  readonly keepAttemptsDays: number
  /** Looks again at verified domains that are due; gives those that were lost. */
  readonly recheck: () => Promise<readonly VerifiedDomain[]>
  readonly notices: NoticeSender
  readonly keepInputsDays: number
  readonly now: () => Date
}

const refreshMs = 30_000
const noticeMs = 5_000
const pruneMs = 60_000
const watchMs = 86_400_000
/** More often than a domain is due: a server that is started anew each day must come to it, too. */
const recheckMs = 3_600_000

/** Begins the work and gives the function that ends it. `onDuty`: this process looks after the database, too. */
export async function startBackgroundWork(parts: BackgroundParts, onDuty: boolean): Promise<() => void> {
  const timers = [every(refreshMs, () => followKeys(parts))]
  if (onDuty) {
    timers.push(
      every(refreshMs, () => refreshMetadata(parts)),
      every(noticeMs, () => sendNotices(parts)),
      every(refreshMs, () => measureWaiting(parts)),
      every(pruneMs, () => prune(parts)),
      every(watchMs, () => watchExpiries(parts)),
      every(recheckMs, () => recheckDomains(parts)),
    )
    await watchExpiries(parts)
    await measureWaiting(parts)
  }
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}

function every(milliseconds: number, work: () => Promise<void>): NodeJS.Timeout {
  return setInterval(() => void work(), milliseconds).unref()
}

/** A key may have been promoted elsewhere. */
async function followKeys({ keys, log }: BackgroundParts): Promise<void> {
  await keys.refresh().catch((error: unknown) => log.warn({ err: error }, 'our own keys could not be read again'))
}

async function refreshMetadata({ metadataKeeper, log }: BackgroundParts): Promise<void> {
  await metadataKeeper
    .refreshDue()
    .catch((error: unknown) => log.warn({ err: error }, 'metadata could not be looked after'))
}

async function sendNotices({ notices, log }: BackgroundParts): Promise<void> {
  await notices.sendDue().catch((error: unknown) => log.warn({ err: error }, 'notices could not be sent'))
}

async function measureWaiting({ directory, metrics, log }: BackgroundParts): Promise<void> {
  try {
    metrics.waitingRead(await directory.measureWaiting())
  } catch (error) {
    log.warn({ err: error }, 'who waits could not be counted')
  }
}

async function recheckDomains({ recheck, log }: BackgroundParts): Promise<void> {
  try {
    for (const { domain, organizationId } of await recheck()) {
      log.warn({ domain, organization: organizationId }, 'a domain is no longer verified: its record is gone')
    }
  } catch (error) {
    log.warn({ err: error }, 'verified domains could not be looked at')
  }
}

async function prune({ directory, log, keepAttemptsDays, keepInputsDays, now }: BackgroundParts): Promise<void> {
  const at = now()
  const attemptsBefore = new Date(at.getTime() - keepAttemptsDays * 86_400_000)
  const inputsBefore = new Date(at.getTime() - keepInputsDays * 86_400_000)
  const pruned = Promise.all([directory.pruneExpired(at, attemptsBefore), directory.pruneSignInInputs(inputsBefore)])
  await pruned.catch((error: unknown) => log.warn({ err: error }, 'what has expired could not be removed'))
}

/** At the start and daily: what ends soon is logged, and measured. */
async function watchExpiries(parts: BackgroundParts): Promise<void> {
  await logExpiries(parts).catch((error: unknown) => parts.log.warn({ err: error }, 'what ends soon could not be read'))
}

async function logExpiries({ directory, metrics, log, now }: BackgroundParts): Promise<void> {
  const expiries = await listExpiries(directory)
  metrics.expiriesRead(expiries)
  for (const { kind, connection, purpose, endsAt } of expiries) {
    const days = daysLeft(endsAt, now())
    const stage = stageOf(days)
    if (stage === undefined) continue
    const ends = { kind, connection, purpose, endsAt, daysLeft: days, stage }
    log.warn(ends, days < 0 ? 'it has ended: renew it' : 'it ends soon')
  }
}
