import type { Logger } from 'pino'
import type { Administration } from '../admin/administration.ts'
import { approvalLink } from '../admin/approvals.ts'
import type { Settings } from '../config/settings.ts'
import type { Metrics } from '../http/metrics.ts'
import { outside } from '../main.ts'
import { createNoticeSender, type NoticeSender } from '../notices/notice-sender.ts'
import { createWebhook } from '../notices/webhook.ts'

interface NoticeParts {
  readonly administration: Administration
  readonly metrics: Metrics
  readonly log: Logger
}

/** The log has a line for whoever begins to wait, webhook or not; an administrator may have it watched. */
export function openNoticeSender({ webhook }: Settings, { administration, metrics, log }: NoticeParts): NoticeSender {
  return createNoticeSender({
    directory: administration.directory,
    now: outside.now,
    webhook: webhook && createWebhook(webhook),
    approvalLink: (account) => approvalLink(account, administration),
    onOutcome(outcome, { id, kind, organization, attempts, content }, reason) {
      if (outcome === 'begun')
        return log.info({ notice: kind, id, organization, ...content }, 'administrators are told')
      metrics.noticeTried({ kind, outcome })
      const level = outcome === 'failed' || outcome === 'given_up' ? 'warn' : 'debug'
      log[level]({ notice: kind, id, outcome, attempts, reason }, 'a notice was tried')
    },
  })
}
