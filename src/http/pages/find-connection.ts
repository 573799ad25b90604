import { html } from '../html.ts'
import type { Page } from '../layout.ts'

/** An application that waits for the person, as it stands in the address of `/applications/{id}/enter`. */
export interface WaitingApplication {
  readonly id: string
  readonly name: string
  readonly returnTo: string
  readonly browserHash: string
}

export interface FindConnectionPage {
  readonly publicUrl: string
  readonly application?: WaitingApplication
  /** Name of the account that is signed in already. */
  readonly signedInAs?: string
  /** What was asked for before was not found. */
  readonly problem?: 'unknown' | 'empty'
}

/** Asks which organization a person belongs to. No list: it would tell strangers who our customers are. */
export function findConnectionPage({ publicUrl, application, signedInAs, problem }: FindConnectionPage): Page {
  const heading = application === undefined ? 'Sign in' : `Sign in to ${application.name}`
  return {
    title: problem === undefined ? heading : `Not found – ${heading}`,
    body: html`<h1>${heading}</h1>
<p class="lead">You sign in where you always do: at your own organization.</p>
${
  signedInAs !== undefined &&
  html`<p class="quiet">You are signed in as ${signedInAs}. <a href="${publicUrl}/account">Your account</a></p>`
}
${problem !== undefined && html`<p class="problem" id="problem" role="alert">${problems[problem]}</p>`}
<form method="post" action="${publicUrl}/find">
${application !== undefined && waitingFields(application)}
<label for="organization">Your organization, or your work e&#8209;mail address</label>
<input type="text" id="organization" name="organization" required maxlength="320" autocomplete="organization" autocapitalize="none" spellcheck="false"${
      problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`
    }>
<p class="actions"><button type="submit">Continue</button></p>
</form>
<p class="quiet small aside"><a href="${breakGlassUrl(publicUrl, application)}">Break-glass access for local administrators</a></p>`,
  }
}

function breakGlassUrl(publicUrl: string, application: WaitingApplication | undefined): string {
  if (application === undefined) return `${publicUrl}/break-glass`
  const { id, returnTo, browserHash } = application
  return `${publicUrl}/break-glass?${new URLSearchParams({ application: id, return_to: returnTo, browser: browserHash })}`
}

const problems = {
  empty: 'Please say which organization you belong to.',
  unknown:
    'No organization is known here under this name or address. Check the spelling, or ask your IT help desk for the name to use.',
}

/** What leads on to the application again. */
export function waitingFields({ id, returnTo, browserHash }: WaitingApplication) {
  return html`<input type="hidden" name="application" value="${id}">
<input type="hidden" name="return_to" value="${returnTo}">
<input type="hidden" name="browser" value="${browserHash}">`
}
