import type { Person } from '../people.ts'
import { type Html, html } from './html.ts'
import { avatar, layout } from './layout.ts'

/** Everybody who works here, each with the way to change what is said about them. */
export function peoplePage(site: string, people: readonly Person[]): string {
  const item = (person: Person) => html`
<li><a class="link" href="/people/${person.id}">${avatar(person.cn)}<span><strong>${person.displayName}</strong>
<small>${person.title}, ${person.department}</small></span><span class="arrow" aria-hidden="true">→</span></a></li>`
  return layout(
    { site, title: 'People' },
    html`<p class="back"><a href="/">Start page</a></p><h1>People</h1><ul class="links">${people.map(item)}</ul>`,
  )
}

/** What is said about one person. A change shows at the next sign-in. */
export function personPage(site: string, person: Person): string {
  return layout(
    { site, title: person.displayName },
    html`<p class="back"><a href="/people">People</a></p>
<h1>${person.displayName}</h1>
<p class="lead">A change shows at the service at the next sign-in.</p>
<form class="card fields" method="post" action="/people/${person.id}">
${field('title', 'Title', person.title)}
${field('roles', 'Roles', person.roles.join(', '), 'Separate several with commas.')}
${field('department', 'Department', person.department)}
${field('organization', 'Organization', person.organization)}
${field('displayName', 'Display name', person.displayName)}
${field('mail', 'E-mail', person.mail, undefined, 'email')}
${field('telephoneNumber', 'Telephone', person.telephoneNumber, undefined, 'tel')}
${field('accountExpiryTime', 'Access ends', person.accountExpiryTime, 'For example 2030-01-31T12:00:00Z. Empty: never.')}
<p class="whole"><label for="groups">Groups</label><textarea id="groups" name="groups" rows="4" aria-describedby="groups-hint">
${person.groups.join('\n')}</textarea><small id="groups-hint">One a line.</small></p>
<p class="wide"><button type="submit">Save</button> <a href="/">Cancel</a></p>
</form>
<details><summary>What never changes</summary><dl class="card">
<div><dt>Persistent NameID</dt><dd><code>${person.nameId}</code></dd></div>
<div><dt>User name (uid)</dt><dd>${person.uid}</dd></div>
<div><dt>Employee number</dt><dd>${person.employeeNumber}</dd></div>
</dl></details>`,
  )
}

function field(name: string, label: string, value: string, hint?: string, type = 'text'): Html {
  const described = hint !== undefined && html` aria-describedby="${name}-hint"`
  return html`<p><label for="${name}">${label}</label><input id="${name}" name="${name}" type="${type}" value="${value}" maxlength="500" autocomplete="off"${described}>${
    hint !== undefined && html`<small id="${name}-hint">${hint}</small>`
  }</p>`
}
