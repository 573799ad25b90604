import type { NewSetUp } from '../directory/set-up.ts'
import type { Plan } from '../provisioning/plan.ts'
import { hashSecret, newBrowserSecret } from '../sessions/browser-secret.ts'
import type { Destination } from './choose-destination.ts'
import { issueHandoff, type WayIn } from './issue-handoff.ts'

/** How long a person may take to answer; the cookie that ties the page to the browser lasts as long. */
const setUpSeconds = 3600

/** Where the browser goes next, and what must be kept for it. */
export type WayOn =
  | (WayIn & { readonly setUp?: never })
  | {
      readonly redirectTo: string
      readonly handoff?: never
      readonly setUp: NewSetUp
      /** For the cookie that the page asks for. */
      readonly browserSecret: string
    }

export interface LeadOnOptions {
  /** End of the session; the page ends no later. */
  readonly sessionExpiresAt: Date
  readonly browserSecret: string | undefined
  readonly publicUrl: string
  readonly now: Date
  readonly randomBytes: (length: number) => Buffer
}

/**
 * Into where the sign-in leads; before that to the page for set-up, when the plan says that something must be asked. The
 * ticket in its address is good for this browser and until it ends; its hash is kept with the session that waits.
 */
export function leadOn(plan: Plan, destination: Destination, options: LeadOnOptions): WayOn {
  if (plan.setUp === undefined) return issueHandoff(destination, options)
  const { now, randomBytes, sessionExpiresAt, publicUrl } = options
  const ticket = newBrowserSecret(randomBytes)
  const browserSecret = options.browserSecret ?? newBrowserSecret(randomBytes).secret
  const endsAt = Math.min(now.getTime() + setUpSeconds * 1000, sessionExpiresAt.getTime())
  return {
    redirectTo: `${publicUrl}/sso/${plan.connectionId}/set-up?ticket=${ticket.secret}`,
    browserSecret,
    setUp: {
      ticketHash: ticket.hash,
      browserHash: hashSecret(browserSecret),
      returnTo: destination.returnTo,
      fields: plan.setUp,
      expiresAt: new Date(endsAt),
    },
  }
}
