import type { Person } from '../people.ts'
import type { ProviderSettings } from '../state.ts'
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
  readonly settings: ProviderSettings
}): string {
  const { site, person, links } = options
  const corner = html`<form method="post" action="/sign-out"><button class="quiet" type="submit">Sign out</button></form>`
  return layout(
    { site, title: 'Start', corner },
    html`<h1>Hello, ${person.givenName}</h1>
<nav aria-label="Applications"><ul class="links">${links.map(link)}</ul></nav>`,
    you(person),
    switches(options.settings),
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

type Choices<T> = readonly (readonly [T, string])[]

const signs: Choices<ProviderSettings['sign']> = [
  ['assertion', 'the assertion'],
  ['response', 'the response'],
  ['both', 'both'],
]

const bindings: Choices<ProviderSettings['binding']> = [
  ['as-asked', 'as it is asked to'],
  ['artifact', 'always by artifact'],
]

const encryptions: Choices<ProviderSettings['encrypt']> = [
  ['never', 'in the clear'],
  ['always', 'encrypted, for services whose key it has'],
]

function switches({ sign, binding, encrypt }: ProviderSettings): Html {
  return html`<section aria-labelledby="settings">
<h2 id="settings">How this identity provider answers</h2>
<form class="card row" method="post" action="/settings">
${choice('sign', 'What it signs', signs, sign)}
${choice('binding', 'How it sends the response', bindings, binding)}
${choice('encrypt', 'How it sends the assertion', encryptions, encrypt)}
<button type="submit">Save</button>
</form>
</section>`
}

function choice<T extends string>(name: keyof ProviderSettings, legend: string, choices: Choices<T>, chosen: T): Html {
  return html`<fieldset><legend>${legend}</legend>${choices.map(
    ([value, label]) => html`
<label><input type="radio" name="${name}" value="${value}"${value === chosen && html` checked`}> ${label}</label>`,
  )}</fieldset>`
}
