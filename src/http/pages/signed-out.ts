import type { LogoutOutcome } from '../../directory/logout.ts'
import { html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface SignedOutElsewhere {
  /** Whose identity provider the person signed in with. */
  readonly connectionName: string
  /** What it answered; `not-asked`: it cannot be asked, or the connection does not want it. */
  readonly outcome: LogoutOutcome | 'unanswered' | 'not-asked'
}

export interface SignedOutPage {
  readonly publicUrl: string
  /** Absent: nothing is known of the session that ended. */
  readonly elsewhere?: SignedOutElsewhere
  /** Where the person wanted to go afterwards. */
  readonly returnTo?: string
}

/** What happened: the session here has ended in any case; the one at the identity provider, as far as it said. */
export function signedOutPage({ publicUrl, elsewhere, returnTo }: SignedOutPage): Page {
  const isEverywhere = elsewhere?.outcome === 'success'
  const heading = elsewhere === undefined || isEverywhere ? 'You are signed out' : 'You are signed out here'
  const ended = 'Your session here, and in the applications you opened through it, has ended.'
  return {
    title: heading,
    body: html`<h1>${heading}</h1>
${
  isEverywhere
    ? html`<p class="lead">Your session here has ended, and so has the one at ${elsewhere.connectionName}.</p>`
    : html`<p class="lead">${ended}</p>
<p${needsCare(elsewhere) && html` class="problem" role="status"`}>${remaining(elsewhere)}</p>
<p class="quiet">On a computer that others use, sign out there too, or close the browser.</p>`
}
<p class="actions">${
      returnTo !== undefined && html`<a class="button" href="${returnTo}">Continue</a> `
    }<a class="button plain" href="${publicUrl}/">Sign in again</a></p>`,
  }
}

/** The person asked for more than what happened. */
function needsCare(elsewhere: SignedOutElsewhere | undefined): boolean {
  return elsewhere !== undefined && elsewhere.outcome !== 'not-asked'
}

function remaining(elsewhere: SignedOutElsewhere | undefined): string {
  if (elsewhere === undefined) return 'You may still be signed in at your organization.'
  const { connectionName: name, outcome } = elsewhere
  return {
    success: '',
    partial: `${name} signed you out as well, but could not reach every other service you opened with it. You may still be signed in at some of them.`,
    failed: `${name} answered that it did not sign you out. You may still be signed in there.`,
    unanswered: `${name} was asked to sign you out too and has not answered. You may still be signed in there.`,
    'not-asked': `Signing out here does not sign you out at ${name}. You may still be signed in there.`,
  }[outcome]
}
