import { type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface AccountPage {
  readonly publicUrl: string
  readonly name: string
  readonly username: string
  readonly mail?: string
  readonly organizationName: string
  readonly connectionName: string
  readonly roles: readonly string[]
  readonly groups: readonly string[]
  readonly createdAt: Date
  readonly signedInAt: Date
  readonly endsAt?: Date
  /** Of a local administrator: with how much they could come in again. */
  readonly breakGlass?: { readonly codesLeft: number; readonly passkeys: number; readonly sessionEndsAt: Date }
  readonly applications: readonly { readonly name: string; readonly url: string }[]
}

/** A list longer than this is folded. */
const shownAtOnce = 12

/** Who am I here, where do I come from, what do I hold, since when. */
export function accountPage(account: AccountPage): Page {
  return {
    title: 'Your account',
    body: html`<h1>${account.name}</h1>
<p class="lead quiet">${account.organizationName}</p>
${account.breakGlass !== undefined && breakGlassPart(account.breakGlass)}
${account.applications.length > 0 && applicationList(account.applications)}
<h2>Your account</h2>
<dl>
${row('User name', account.username)}
${account.mail !== undefined && row('E-mail', account.mail)}
${row('Signed in by', account.connectionName)}
${row('Roles', tags(account.roles, 'No role'))}
${row('Groups', tags(account.groups, 'No group'))}
${row('Account since', time(account.createdAt))}
${row('Signed in since', time(account.signedInAt))}
${account.endsAt !== undefined && row('Access ends', time(account.endsAt))}
</dl>
<form method="post" action="${account.publicUrl}/logout"><p class="actions"><button type="submit" class="plain">Sign out</button></p></form>`,
  }
}

function breakGlassPart({ codesLeft, passkeys, sessionEndsAt }: NonNullable<AccountPage['breakGlass']>): Html {
  const isLast = codesLeft === 0
  const left = isLast ? 'No recovery code is left.' : `Recovery codes left: ${codesLeft}.`
  const advice =
    isLast && passkeys === 0
      ? ' You cannot come in this way again until you have made new ones: latchkey break-glass codes'
      : ''
  return html`<p class="problem" role="status">You came in by break-glass access: this is recorded and reported. The session ends at ${time(sessionEndsAt)}. ${left} Passkeys: ${passkeys}.${advice}</p>`
}

function applicationList(applications: AccountPage['applications']): Html {
  return html`<h2>Your applications</h2>
<ul class="choices">
${applications.map(({ name, url }) => html`<li><a href="${url}">${name}</a></li>\n`)}</ul>`
}

function row(term: string, value: string | Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`
}

function tags(names: readonly string[], none: string): Html {
  if (names.length === 0) return html`<span class="quiet">${none}</span>`
  const list = html`<ul class="tags">${names.map((name) => html`<li>${name}</li>`)}</ul>`
  return names.length <= shownAtOnce ? list : html`<details><summary>${names.length} in all</summary>${list}</details>`
}

const dateFormat = new Intl.DateTimeFormat('en-GB', {
  dateStyle: 'long',
  timeStyle: 'short',
  timeZone: 'UTC',
})

function time(date: Date): Html {
  return html`<time datetime="${date.toISOString()}">${dateFormat.format(date)} UTC</time>`
}
