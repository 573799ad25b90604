import { type ErrorCode, errorEntries, type FixSide } from '../../errors.ts'
import { type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'

export interface RefusalPage {
  readonly code: ErrorCode
  /** Names the attempt or the request: for the person to pass on, for the administrator to search. */
  readonly reference: string
  readonly publicUrl: string
  /** Where the person may begin again. Shown only where that can help. */
  readonly tryAgainUrl?: string
  /** Where there is something to do meanwhile. Default: Latchkey's own start page. */
  readonly startUrl?: string
  /** Replaces the one that goes with the code. */
  readonly heading?: string
  /** Posts again what was posted, which is still good. */
  readonly again?: { readonly action: string; readonly fields: Readonly<Record<string, string>> }
  /** One sentence more, where the code's own does not say enough. */
  readonly explanation?: string
  /** Whom to ask. */
  readonly contact?: string
}

/** What a person sees who was refused: what happened, who can put it right, what to do now. Never the detail of a check. */
export function refusalPage(refusal: RefusalPage): Page {
  const { sentence, fix } = errorEntries[refusal.code]
  const heading = refusal.heading ?? headingOf(refusal.code)
  return {
    title: heading,
    body: html`<h1>${heading}</h1>
<p class="lead">${sentence}</p>
${refusal.explanation !== undefined && html`<p class="problem">${refusal.explanation}</p>`}
<p>${refusal.code === 'account_pending' ? waiting : whoMustAct[fix]}</p>
<dl>
${refusal.contact !== undefined && html`<div><dt>Contact</dt><dd>${refusal.contact}</dd></div>`}
<div><dt>Reference</dt><dd><code>${refusal.reference}</code></dd></div>
<div><dt>Code</dt><dd><code>${refusal.code}</code></dd></div>
</dl>
${actions(refusal)}
${isAboutSigningIn(refusal.code) && html`<p class="quiet small aside"><a href="${refusal.publicUrl}/break-glass">Break-glass access for local administrators</a></p>`}`,
  }
}

function actions(refusal: RefusalPage): Html {
  if (refusal.again !== undefined) return againForm(refusal.again)
  if (!helpsToTryAgain.has(refusal.code)) {
    const start = refusal.startUrl ?? `${refusal.publicUrl}/`
    return html`<p class="actions"><a class="button plain" href="${start}">Go to the start page</a></p>`
  }
  const label = refusal.code === 'saml_no_passive' || isOfSetUp(refusal.code) ? 'Sign in' : 'Try again'
  const url = refusal.tryAgainUrl ?? `${refusal.publicUrl}/`
  return html`<p class="actions"><a class="button" href="${url}">${label}</a></p>`
}

function againForm({ action, fields }: NonNullable<RefusalPage['again']>): Html {
  const hidden = Object.entries(fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return html`<form method="post" action="${action}">
${hidden}
<p class="actions"><button type="submit">Try again</button></p>
</form>`
}

const whoMustAct: Readonly<Record<FixSide, string>> = {
  'identity-provider':
    'This has to be put right where you sign in, at your own organization. Give its administrators, often the IT help desk, the reference below.',
  'service-provider': 'The administrators of this service can look into it. Give them the reference below.',
  person: 'You can put this right yourself. If it happens again, give your administrators the reference below.',
  caller:
    'The link or the form that led you here is not right. Tell the people it came from, and give them the reference below.',
}

const waiting =
  'There is nothing for you to do but wait: an administrator of this service decides. When you have heard from them, sign in again. The reference below names your request.'

/** Refusals that pass by themselves or with a fresh start. */
const helpsToTryAgain: ReadonlySet<ErrorCode> = new Set([
  'account_pending',
  'account_link_proof_required',
  'link_request_unknown',
  'assertion_replayed',
  'break_glass_busy',
  'break_glass_form_invalid',
  'saml_artifact_unreachable',
  'saml_artifact_timeout',
  'saml_artifact_not_resolved',
  'saml_artifact_replayed',
  'login_request_unknown',
  'login_request_other_browser',
  'login_requests_exhausted',
  'sign_in_busy',
  'sign_in_queue_full',
  'saml_expired',
  'saml_not_yet_valid',
  'saml_authn_too_old',
  'saml_session_expired',
  'saml_in_response_to_mismatch',
  'saml_status_not_success',
  'saml_no_passive',
  'saml_authn_context_mismatch',
  'saml_unsolicited',
  'saml_unsolicited_too_old',
  'set_up_needed',
  'set_up_ended',
  'set_up_other_browser',
  'session_required',
  'handoff_invalid',
  'storage_unavailable',
  'upstream_unreachable',
  'internal',
])

function headingOf(code: ErrorCode): string {
  if (code === 'not_found') return 'Page not found'
  if (code === 'account_pending') return 'Your request has been sent'
  if (code === 'account_not_entitled') return 'You may not open this page'
  if (code === 'upstream_unreachable') return 'The application does not answer'
  if (code === 'session_required' || code === 'saml_no_passive') return 'Please sign in'
  if (isOfSetUp(code)) return 'Please sign in again'
  return isAboutSigningIn(code) || code.startsWith('break_glass_') ? 'You could not be signed in' : 'This did not work'
}

function isAboutSigningIn(code: ErrorCode): boolean {
  return /^(saml|attribute|subject|account|assertion|login|link|sign_in|handoff|connection|session)_/.test(code)
}

/** Nothing is left to do on that page. */
function isOfSetUp(code: ErrorCode): boolean {
  return code.startsWith('set_up_')
}
