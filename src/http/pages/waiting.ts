import { type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface WaitingPage {
  readonly publicUrl: string
  /** The right to see this page, in its address. */
  readonly pass: string
  readonly connection: string
  readonly state: 'pending' | 'active' | 'suspended' | 'deactivated'
  readonly reference: string
  readonly lapsesAt?: Date
  /** Why they wait, and whom to ask, in an administrator's words. */
  readonly explanation?: string | undefined
  readonly contact?: string | undefined
  readonly note?: { readonly text: string; readonly isFinal: boolean }
  /** A text that could not be kept: empty or too long. */
  readonly unfit?: string
}

/** To somebody who waits for approval: how it stands, what to do meanwhile, and a text to whoever decides. */
export function waitingPage(waiting: WaitingPage): Page {
  const { heading, lead } = words[waiting.state]
  return {
    title: heading,
    body: html`<h1>${heading}</h1>
<p class="lead">${lead}</p>
${waiting.explanation !== undefined && html`<p class="problem">${waiting.explanation}</p>`}
${waiting.state === 'pending' && notePart(waiting)}
<dl>
${waiting.contact !== undefined && html`<div><dt>Contact</dt><dd>${waiting.contact}</dd></div>`}
${
  waiting.lapsesAt !== undefined &&
  html`<div><dt>Lapses</dt><dd><time datetime="${waiting.lapsesAt.toISOString()}">${waiting.lapsesAt.toUTCString()}</time></dd></div>`
}
<div><dt>Reference</dt><dd><code>${waiting.reference}</code></dd></div>
</dl>
${actions(waiting)}`,
  }
}

const words: Readonly<Record<WaitingPage['state'], { readonly heading: string; readonly lead: string }>> = {
  pending: {
    heading: 'Your request has been sent',
    lead: 'Your account waits for the approval of an administrator. When you have heard from them, sign in again.',
  },
  active: { heading: 'Your account has been approved', lead: 'Sign in again, and you are in.' },
  suspended: {
    heading: 'Your request is over',
    lead: 'It was not approved. The administrators of this service know more.',
  },
  deactivated: { heading: 'Your request is over', lead: 'Your account has ended.' },
}

function actions({ state, publicUrl, connection }: WaitingPage): Html | false {
  if (state === 'suspended' || state === 'deactivated') return false
  const label = state === 'active' ? 'Sign in' : 'Sign in again'
  const look = state === 'active' ? html` class="button"` : html` class="button plain"`
  return html`<p class="actions"><a href="${publicUrl}/sso/${encodeURIComponent(connection)}/login"${look}>${label}</a></p>`
}

function notePart(waiting: WaitingPage): Html {
  const { note, unfit } = waiting
  if (note?.isFinal === true) return shown(note.text)
  const value = unfit ?? note?.text ?? ''
  const isUnfit = unfit !== undefined
  return html`${note !== undefined && !isUnfit && html`<p class="problem" role="status">Your message has been kept. You can change it once.</p>`}
<form method="post" action="${waiting.publicUrl}/waiting?request=${waiting.pass}">
<label for="text">Who are you, and what do you need access for?</label>
<p class="quiet small" id="hint">The administrator who decides reads this. At most 500 characters, plain text; you can change it once.</p>
${isUnfit && html`<p class="problem" role="alert" id="fault">${unfit === '' ? 'Write something first.' : 'This is longer than 500 characters.'}</p>`}
<textarea id="text" name="text" rows="5" maxlength="500" required dir="auto" aria-describedby="${isUnfit ? 'fault hint' : 'hint'}"${isUnfit && invalid}>
${value}</textarea>
<p class="actions"><button type="submit">${note === undefined ? 'Send the message' : 'Change the message'}</button></p>
</form>`
}

const invalid = html` aria-invalid="true"`

function shown(text: string): Html {
  return html`<h2>Your message</h2>
<p class="written" dir="auto">${text}</p>`
}
