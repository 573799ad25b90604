import { html } from './html.ts'
import { layout } from './layout.ts'

/** Asks every service that the session led to, each in a frame that says how it went. */
export function logoutPage(site: string, frames: readonly { readonly name: string; readonly url: string }[]): string {
  return layout(
    { site, title: 'Signed out' },
    html`<h1>You are signed out of ${site}</h1>
${
  frames.length === 0
    ? html`<p class="lead">No service had to be told.</p>`
    : html`<p class="lead">The services you opened are told.</p>
<ul class="card plain">${frames.map(
        ({ name, url }) =>
          html`<li><iframe title="Signing out of ${name}" src="${url}" width="100%" height="60"></iframe></li>`,
      )}</ul>`
}
<p><a href="/">Sign in again</a></p>`,
  )
}

/** What a service answered; shown inside a frame, or alone. */
export function logoutDonePage(site: string, name: string | undefined, isDone: boolean): string {
  const sentence = isDone ? `Signed out of ${name ?? site}.` : `${name ?? 'The service'} did not sign you out.`
  return html`<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${sentence}</title><link rel="stylesheet" href="/assets/site.css"></head>
<body class="frame"><p role="status">${sentence}</p></body>
</html>
`.text
}
