import { type Html, html } from './html.ts'
import { layout } from './layout.ts'

/** Carries the response to the service provider: submits itself, and has a button where scripts do not run. Bindings 3.5.4. */
export function continuePage(options: {
  readonly site: string
  readonly to: string
  readonly acsUrl: string
  readonly fields: Readonly<Record<string, string>>
}): string {
  const { site, to, acsUrl, fields } = options
  const hidden = ([name, value]: readonly [string, string]): Html =>
    html`<input type="hidden" name="${name}" value="${value}">`
  return layout(
    { site, title: 'Continue', script: true },
    html`<h1>On to ${to}</h1>
<p class="lead">${site} tells ${to} who you are.</p>
<form id="continue" method="post" action="${acsUrl}">${Object.entries(fields).map(hidden)}<button class="large">Continue to ${to}</button></form>`,
  )
}

export function problemPage(
  site: string,
  problem: { readonly sentence: string; readonly lines: readonly string[] },
): string {
  return layout(
    { site, title: 'Problem' },
    html`<h1>This did not work</h1><p class="lead">${problem.sentence}</p>
<ul class="card plain">${problem.lines.map((line) => html`<li>${line}</li>`)}</ul><p><a href="/">Start page</a></p>`,
  )
}
