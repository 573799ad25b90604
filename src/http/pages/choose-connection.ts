import { html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface ConnectionChoice {
  readonly name: string
  readonly url: string
}

/** One organization with several identity providers: the person knows which is theirs. */
export function chooseConnectionPage(choices: readonly ConnectionChoice[], applicationName?: string): Page {
  const heading = applicationName === undefined ? 'Where do you sign in?' : `Sign in to ${applicationName}`
  return {
    title: heading,
    body: html`<h1>${heading}</h1>
<p class="lead">Choose where you sign in.</p>
<ul class="choices">
${choices.map(({ name, url }) => html`<li><a href="${url}">${name}</a></li>\n`)}</ul>`,
  }
}
