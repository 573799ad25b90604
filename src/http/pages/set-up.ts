import type { Fault, Faults } from '../../set-up/check-answers.ts'
import type { AskedQuestion } from '../../set-up/questions-for.ts'
import { type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface SetUpPage {
  /** Where the answers go. */
  readonly action: string
  readonly organizationName: string
  /** What the sign-in leads to; absent: the account page. */
  readonly applicationName?: string
  /** Who signed in, and where. */
  readonly name: string
  readonly connectionName: string
  /** Empty: everything was answered meanwhile, over another way. */
  readonly questions: readonly AskedQuestion[]
  /** What was typed, as it was. */
  readonly typed: ReadonlyMap<string, string>
  readonly faults: Faults
}

/** The name of a field's answer in the form. */
export function fieldParameter(field: string): string {
  return `field.${field}`
}

/** Asks what no connection supplies: who asks, why, and each question once. What is wrong stands next to its answer. */
export function setUpPage(page: SetUpPage): Page {
  const { questions, faults, organizationName, applicationName, name, connectionName } = page
  const heading = questions.length === 0 ? 'You are all set' : 'Before you go on'
  const onward = applicationName === undefined ? 'sign-in is complete' : `${applicationName} opens`
  const few = questions.length === 1 ? 'one answer' : 'a few answers'
  return {
    title: faults.size === 0 ? heading : `Please check – ${heading}`,
    body: html`<h1>${heading}</h1>
${
  questions.length === 0
    ? html`<p class="lead">Everything ${organizationName} needs to know is there.</p>`
    : html`<p class="lead">${organizationName} needs ${few} from you before ${onward}. You are asked only once.</p>`
}
<p class="quiet">You signed in as ${name}, at ${connectionName}.</p>
${faults.size > 0 && summary(page)}
<form method="post" action="${page.action}" novalidate>
${questions.map((question) => questionHtml(question, page))}
<p class="actions"><button type="submit">Continue</button></p>
</form>
${
  questions.length > 0 &&
  html`<p class="quiet small after">No time now? This page stays good for an hour. After that, sign in again and you come back to it.</p>`
}`,
  }
}

function summary({ questions, faults }: SetUpPage): Html {
  const wrong = questions.filter(({ field }) => faults.has(field))
  const heading = wrong.length === 1 ? 'One answer needs another look' : `${wrong.length} answers need another look`
  return html`<div class="problem" role="alert">
<p><strong>${heading}</strong></p>
<ul class="plain">
${wrong.map(({ field, ask }) => html`<li><a href="#${idOf(field)}">${ask.label}</a></li>\n`)}</ul>
</div>`
}

function idOf(field: string): string {
  return `field-${field}`
}

function questionHtml(question: AskedQuestion, { typed, faults }: SetUpPage): Html {
  const { field, ask, mustAnswer } = question
  const fault = faults.get(field)
  const id = idOf(field)
  return html`<div class="question">
<label for="${id}">${ask.label}${!mustAnswer && html` <span class="quiet optional">(optional)</span>`}</label>
${ask.help !== undefined && html`<p class="quiet small" id="${id}-help">${ask.help}</p>`}
${fault !== undefined && html`<p class="fault" id="${id}-fault">${sentenceOf(fault, question)}</p>`}
${control(question, { id, typed: typed.get(field) ?? '', described: describedBy(id, question, fault), isWrong: fault !== undefined })}
</div>
`
}

function describedBy(id: string, { ask }: AskedQuestion, fault: Fault | undefined): string {
  return [...(fault === undefined ? [] : [`${id}-fault`]), ...(ask.help === undefined ? [] : [`${id}-help`])].join(' ')
}

interface Control {
  readonly id: string
  readonly typed: string
  readonly described: string
  readonly isWrong: boolean
}

function control(question: AskedQuestion, { id, typed, described, isWrong }: Control): Html {
  const shared = html`id="${id}" name="${fieldParameter(question.field)}"${question.mustAnswer && html` required`}${
    isWrong && html` aria-invalid="true"`
  }${described !== '' && html` aria-describedby="${described}"`}`
  const choices = choicesOf(question)
  if (choices !== undefined) return selectHtml(shared, choices, typed)
  const type = question.type === 'date' ? 'date' : 'text'
  const keys = question.type === 'number' && html` inputmode="decimal"`
  return html`<input type="${type}" ${shared} value="${typed}" autocomplete="${autocompleteOf(question)}"${keys}>`
}

function selectHtml(shared: Html, choices: readonly (readonly [string, string])[], typed: string): Html {
  return html`<select ${shared}>
<option value="">Please choose</option>
${choices.map(
  ([value, label]) => html`<option value="${value}"${value === typed && html` selected`}>${label}</option>\n`,
)}</select>`
}

/** Value and what is shown for it. `undefined`: something is typed. */
function choicesOf({ ask, type }: AskedQuestion): readonly (readonly [string, string])[] | undefined {
  const named: Readonly<Record<string, string>> = type === 'boolean' ? { true: 'Yes', false: 'No' } : {}
  const values = ask.choices ?? (type === 'boolean' ? ['true', 'false'] : undefined)
  return values?.map((value) => [value, named[value] ?? value])
}

/** What a browser may fill in by itself. Nothing that is sensitive. WCAG 2.2, 1.3.5. */
function autocompleteOf({ field, sensitive }: AskedQuestion): string {
  return sensitive ? 'off' : (knownToBrowsers.get(field) ?? 'on')
}

const knownToBrowsers: ReadonlyMap<string, string> = new Map([
  ['cn', 'name'],
  ['displayName', 'name'],
  ['givenName', 'given-name'],
  ['sn', 'family-name'],
  ['telephoneNumber', 'tel'],
  ['title', 'organization-title'],
  ['organization', 'organization'],
])

function sentenceOf(fault: Fault, question: AskedQuestion): string {
  switch (fault) {
    case 'missing':
      if (question.type === 'date') return 'Please give a date.'
      return choicesOf(question) === undefined ? 'Please write an answer.' : 'Please choose an answer.'
    case 'too-long':
      return `Please use at most ${question.ask.maxLength} characters.`
    case 'characters':
      return 'Please leave out line breaks and characters that cannot be seen.'
    case 'type':
      return sentenceOfType[question.type]
    case 'choice':
      return 'Please choose one of the answers in the list.'
    case 'pattern':
      return 'This does not have the form that is asked for.'
    case 'taken':
      return 'Somebody else has given this already. Please check it, or ask your IT help desk.'
  }
}

const sentenceOfType: Readonly<Record<AskedQuestion['type'], string>> = {
  text: 'Please write a text.',
  number: 'Please write a number, like 12.5.',
  boolean: 'Please choose yes or no.',
  date: 'Please give a date, like 2027-01-31.',
}
