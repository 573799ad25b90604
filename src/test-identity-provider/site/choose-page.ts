import type { Person } from '../people.ts'
import { html } from './html.ts'
import { avatar, layout } from './layout.ts'

/** "Who are you?": one click a person, no password. `request` names the sign-in that waits for the answer. */
export function choosePage(options: {
  readonly site: string
  readonly people: readonly Person[]
  readonly request?: string | undefined
  /** Name of the service provider that asks. */
  readonly asking?: string | undefined
}): string {
  const { site, people, request, asking } = options
  return layout(
    { site, title: 'Sign in' },
    html`<h1>Who are you?</h1>
<p class="lead">${asking === undefined ? `Sign in at ${site}.` : html`Sign in at ${site} to continue to <strong>${asking}</strong>.`}</p>
<form method="post" action="/sign-in">
${request !== undefined && html`<input type="hidden" name="request" value="${request}">`}
<ul class="people">${people.map(
      (person) => html`
<li><button class="person" type="submit" name="person" value="${person.id}">
${avatar(person.cn)}<span><strong>${person.displayName}</strong><small>${person.story}</small></span>
</button></li>`,
    )}
</ul>
</form>
<p><a href="/people">Change what is said about them</a></p>`,
  )
}
