import type { Handoff } from '../directory/sign-in.ts'
import { newBrowserSecret } from '../sessions/browser-secret.ts'
import type { Destination } from './choose-destination.ts'

/** How long the redirect to the application may take. */
export const handoffSeconds = 60

/** The last redirect, and the one-time code behind it when the sign-in began at an application. */
export interface WayIn {
  readonly redirectTo: string
  readonly handoff?: Omit<Handoff, 'organizationId' | 'sessionId'>
}

/**
 * A code opens the application's own session in the browser that asked for it, once, within a minute. Without a hand-off
 * binding (a sign-in begun at the identity provider) the redirect leads to the address itself: the gateway there asks for a code.
 */
export function issueHandoff(
  { returnTo, application, handoff }: Destination,
  { now, randomBytes }: { readonly now: Date; readonly randomBytes: (length: number) => Buffer },
): WayIn {
  if (application === undefined || handoff?.applicationId !== application.id) return { redirectTo: returnTo }
  const code = newBrowserSecret(randomBytes)
  return {
    redirectTo: `${application.settings.origin}/.latchkey/enter?code=${code.secret}`,
    handoff: {
      ...handoff,
      codeHash: code.hash,
      returnTo,
      expiresAt: new Date(now.getTime() + handoffSeconds * 1000),
    },
  }
}
