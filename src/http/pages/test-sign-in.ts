import { errorEntries, type LatchkeyError } from '../../errors.ts'
import type { Preview } from '../../preview/preview.ts'
import { describeRefusal, type RefusalFact } from '../../preview/refusal-fact.ts'
import { type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'

/** Before a test: nothing has happened yet. */
export function beginTestPage({
  connectionName,
  testUrl,
  code,
}: {
  readonly connectionName: string
  readonly testUrl: string
  readonly code: string
}): Page {
  return {
    title: 'Test of the sign-in',
    body: html`<h1>Test of the sign-in</h1>
<p class="lead">${connectionName}</p>
<p>You will sign in at your organization and then see what this service makes of it. No account is opened, nothing is changed.</p>
<form method="post" action="${testUrl}">
<input type="hidden" name="code" value="${code}">
<p class="actions"><button type="submit">Begin the test</button></p>
</form>`,
  }
}

/** What a sign-in would do, for the person who tried it and the administrator beside them. */
export function testResultPage({
  preview,
  reference,
}: {
  readonly preview: Preview
  readonly reference: string
}): Page {
  const { refusal, subject, plan, match, applications } = preview
  const heading = refusal ? 'The sign-in would be refused' : 'The sign-in would succeed'
  return {
    title: heading,
    body: html`<h1>${heading}</h1>
<p class="lead">This was a test: you are not signed in, and nothing was written.</p>
${refusal && refusalPart(refusal)}
<dl>
${row('Reference', html`<code>${reference}</code>`)}
${match && row('Account', match.account ? match.account.username : 'None yet: it would be opened')}
${subject && row('User name', `${subject.username} (from ${subject.usernameRule})`)}
${plan?.setUp && row('Asked before anything opens', plan.setUp.join(', '))}
${plan && row('Roles and groups after it', tags([...plan.held, ...plan.granted].map(({ kind, name }) => `${kind} ${name}`)))}
${plan && plan.revoked.length > 0 && row('Taken back', tags(plan.revoked.map(({ kind, name }) => `${kind} ${name}`)))}
${plan?.setAside.map(({ subject: of, value, reason }) => row(`Set aside: ${of} ${value}`, reason))}
</dl>
${subject && fieldsPart(subject)}
${applications.map(applicationPart)}`,
  }
}

/** A test that was refused before there was anything to tell. Only for the browser that began it. */
export function testRefusedPage(refusal: LatchkeyError): Page {
  return {
    title: 'The sign-in would be refused',
    body: html`<h1>The sign-in would be refused</h1>
<p class="lead">This was a test: nothing was written but the reference below.</p>
${refusalPart(describeRefusal(refusal))}
<dl>${row('Reference', html`<code>${refusal.reference ?? ''}</code>`)}</dl>`,
  }
}

const whoMustAct = {
  'identity-provider': 'The administrators of the identity provider, at the organization of the person who signs in.',
  'service-provider': 'The administrators of this service.',
  person: 'The person who signs in.',
  caller: 'Whoever made the link or the form.',
} as const

function refusalPart({ code, check, wanted, arrived, at, advice, arrivedAttributes }: RefusalFact): Html {
  const { sentence, fix } = errorEntries[code]
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['Check', check],
    ['Wanted', wanted],
    ['Arrived', arrived],
    ['At', at],
    ['Advice', advice],
    ['Who can put it right', whoMustAct[fix]],
    ['Attributes that arrived', arrivedAttributes?.join(', ')],
  ]
  return html`<p class="problem">${sentence}</p>
<dl>
${row('Code', html`<code>${code}</code>`)}
${rows.map(([term, value]) => value !== undefined && row(term, value))}
</dl>`
}

function fieldsPart({ fields }: NonNullable<Preview['subject']>): Html {
  return html`<h2>What was read</h2>
<dl>
${fields.map(({ field, values, rule }) => row(field, `${values.join(', ')} (from ${rule})`))}
</dl>`
}

function applicationPart({ application, headers, refusal }: Preview['applications'][number]): Html {
  return html`<h2>${application}</h2>
${refusal ? refusalPart(refusal) : html`<dl>${headers?.map(({ name, value }) => row(name, value))}</dl>`}`
}

function tags(names: readonly string[]): Html {
  if (names.length === 0) return html`<span class="quiet">None</span>`
  return html`<ul class="tags">${names.map((name) => html`<li>${name}</li>`)}</ul>`
}

function row(term: string, value: string | Html): Html {
  return html`<div><dt>${term}</dt><dd>${value}</dd></div>`
}
