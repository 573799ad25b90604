import { html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface LinkPage {
  readonly publicUrl: string
  /** Of the link request. */
  readonly id: string
  /** The connection over which the person has just signed in. */
  readonly connectionName: string
  /** The connections by which the account is known: of what is known of it, only their names are shown. */
  readonly ways: readonly { readonly id: string; readonly name: string }[]
}

/** To somebody who may be whose account it is, or a stranger: what to do, and nothing of the account but how to get in. */
export function linkPage({ publicUrl, id, connectionName, ways }: LinkPage): Page {
  return {
    title: 'Is this account yours?',
    body: html`<h1>Is this account yours?</h1>
<p class="lead">You signed in with <strong>${connectionName}</strong>. There is already an account with the user name that it sent.</p>
${
  ways.length === 0
    ? noWay
    : html`<p>If the account is yours, sign in once more the way you did before. From then on both ways lead to it. If it is not, leave this page: nothing is connected.</p>
<form method="post" action="${publicUrl}/link?request=${id}"><p class="actions">
${ways.map((way, index) => html`<button type="submit" name="connection" value="${way.id}"${index > 0 && plain}>Sign in with ${way.name}</button>\n`)}</p></form>
<p class="actions quiet small">Only go on if you yourself have just signed in with ${connectionName}.</p>`
}
<p class="actions"><a href="${publicUrl}/">It is not mine: go to the start page</a></p>`,
  }
}

const plain = html` class="plain"`

const noWay = html`<p class="problem" role="status">At this moment there is no other way to sign in that could show whether it is yours. An administrator of this service can connect the two.</p>`
