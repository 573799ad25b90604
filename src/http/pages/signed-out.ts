import { html } from '../html.ts'
import type { Page } from '../layout.ts'

export function signedOutPage(publicUrl: string): Page {
  return {
    title: 'Signed out',
    body: html`<h1>You are signed out</h1>
<p class="lead">Your session here, and in the applications you opened through it, has ended.</p>
<p class="quiet">You may still be signed in at your organization. On a computer that others use, sign out there too, or close the browser.</p>
<p class="actions"><a class="button plain" href="${publicUrl}/">Sign in again</a></p>`,
  }
}
