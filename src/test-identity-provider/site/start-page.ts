import type { Person } from '../people.ts'
import type { SignedPart } from '../response.ts'
import { type Html, html } from './html.ts'
import { avatar, layout } from './layout.ts'

export interface StartPageLink {
  readonly entityId: string
  readonly name: string
  readonly description?: string | undefined
}

/** The employee's start page: where to go, who one is, and the switches of this test identity provider. */
export function startPage(options: {
  readonly site: string
  readonly person: Person
  readonly links: readonly StartPageLink[]
  readonly sign: SignedPart
}): string {
  const { site, person, links, sign } = options
  const corner = html`<form method="post" action="/sign-out"><button class="quiet" type="submit">Sign out</button></form>`
  return layout(
    { site, title: 'Start', corner },
    html`<h1>Hello, ${person.givenName}</h1>
<nav aria-label="Applications"><ul class="links">${links.map(link)}</ul></nav>`,
    you(person),
    settings(sign),
    html`<form method="post" action="/sign-out-everywhere"><p><button class="quiet" type="submit">Sign out everywhere</button></p></form>`,
    html`<p><a href="/people">Everybody at ${site}</a> · <a href="/metadata">Metadata of this identity provider</a></p>`,
  )
}

function link({ entityId, name, description }: StartPageLink): Html {
  return html`
<li><a class="link" href="/launch?to=${encodeURIComponent(entityId)}"><span><strong>${name}</strong>
<small>${description ?? 'Opens with your company account'}</small></span><span class="arrow" aria-hidden="true">→</span></a></li>`
}

function you(person: Person): Html {
  return html`<section aria-labelledby="you">
<h2 id="you">Your details</h2>
<div class="card">
<p class="who">${avatar(person.cn)}<span><strong>${person.displayName}</strong><small>${person.mail}</small></span></p>
<dl>${row('Title', person.title)}${row('Role', person.roles.join(', '))}${row('Department', person.department)}${row('Groups', person.groups.join(', '))}${person.accountExpiryTime !== '' && row('Access ends', person.accountExpiryTime)}</dl>
<p><a class="button" href="/people/${person.id}">Edit details</a></p>
</div>
</section>`
}

function row(term: string, value: string): Html {
  return html`<div><dt>${term}</dt><dd>${value === '' ? '–' : value}</dd></div>`
}

const choices: readonly (readonly [SignedPart, string])[] = [
  ['assertion', 'the assertion'],
  ['response', 'the response'],
  ['both', 'both'],
]

function settings(sign: SignedPart): Html {
  return html`<section aria-labelledby="settings">
<h2 id="settings">What this identity provider signs</h2>
<form class="card row" method="post" action="/settings">
<fieldset><legend class="hidden">What is signed</legend>${choices.map(
    ([value, label]) => html`
<label><input type="radio" name="sign" value="${value}"${value === sign && html` checked`}> ${label}</label>`,
  )}</fieldset>
<button type="submit">Save</button>
</form>
</section>`
}
