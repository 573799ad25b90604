import type { PasskeyWish } from '../../break-glass/passkey.ts'
import { type Html, html } from '../html.ts'
import type { Page } from '../layout.ts'
import { type WaitingApplication, waitingFields } from './find-connection.ts'

export interface BreakGlassPage {
  readonly publicUrl: string
  readonly token: string
  /** Absent: no passkey counts at this address. */
  readonly passkey?: PasskeyWish
  readonly application?: WaitingApplication
  /** What was entered before let nobody in. */
  readonly problem?: { readonly sentence: string; readonly reference?: string }
  /** Entered before. */
  readonly username?: string
}

/** The way in while no connection works. It says the same to everybody: nothing of which accounts there are. */
export function breakGlassPage(page: BreakGlassPage): Page {
  const heading =
    page.application === undefined ? 'Break-glass access' : `Break-glass access to ${page.application.name}`
  return {
    title: page.problem === undefined ? heading : `Not let in – ${heading}`,
    ...(page.passkey !== undefined && { usesPasskeys: true }),
    body: html`<h1>${heading}</h1>
<p class="lead">For local administrators, while nobody can sign in the usual way. Every use is recorded and reported.</p>
${page.problem !== undefined && problemPart(page.problem)}
${page.passkey !== undefined && passkeyForm(page, page.passkey)}
${codeForm(page)}
<p class="quiet small aside"><a href="${page.publicUrl}/">Sign in at your organization instead</a></p>`,
  }
}

function problemPart({ sentence, reference }: NonNullable<BreakGlassPage['problem']>): Html {
  return html`<p class="problem" id="problem" role="alert">${sentence}${
    reference !== undefined && html`<br><span class="small">Reference <code>${reference}</code></span>`
  }</p>`
}

function passkeyForm({ publicUrl, token, application }: BreakGlassPage, wish: PasskeyWish): Html {
  return html`<h2>With a passkey</h2>
<p class="without-passkeys quiet">Passkeys need JavaScript and a browser that knows them. A recovery code works without.</p>
<form method="post" action="${publicUrl}/break-glass" data-passkey="${JSON.stringify(wish)}" hidden>
<input type="hidden" name="token" value="${token}">
<input type="hidden" name="passkey" value="">
${application !== undefined && waitingFields(application)}
<p class="problem" id="passkey-problem" role="alert" hidden></p>
<p class="actions"><button type="submit">Use a passkey</button></p>
</form>`
}

function codeForm({ publicUrl, token, application, problem, username = '' }: BreakGlassPage): Html {
  const described = problem !== undefined && html` aria-invalid="true" aria-describedby="problem"`
  return html`<h2>With a recovery code</h2>
<form method="post" action="${publicUrl}/break-glass" autocomplete="off">
<input type="hidden" name="token" value="${token}">
${application !== undefined && waitingFields(application)}
<p><label for="username">User name</label>
<input type="text" id="username" name="username" value="${username}" required maxlength="200" autocapitalize="none" spellcheck="false"${described}></p>
<p><label for="code">Recovery code</label>
<input type="text" id="code" name="code" required maxlength="100" autocapitalize="characters" spellcheck="false" aria-describedby="code-hint${problem !== undefined && ' problem'}"${problem !== undefined && html` aria-invalid="true"`}>
<span class="quiet small" id="code-hint">24 letters and digits; dashes, spaces and case do not matter.</span></p>
<p class="actions"><button type="submit" class="plain">Use the code</button></p>
</form>`
}

export interface EnrolPage {
  readonly publicUrl: string
  readonly link: string
  readonly token: string
  readonly username: string
  readonly organizationName: string
  /** Absent: no passkey counts at this address. */
  readonly passkey?: PasskeyWish
  readonly problem?: string
}

export function enrolPage({ publicUrl, link, token, username, organizationName, passkey, problem }: EnrolPage): Page {
  return {
    title: 'Register a passkey',
    ...(passkey !== undefined && { usesPasskeys: true }),
    body: html`<h1>Register a passkey</h1>
<p class="lead">For <strong>${username}</strong>, a local administrator of ${organizationName}.</p>
${problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`}
${
  passkey === undefined
    ? html`<p class="problem">Passkeys count only for a host name, and this service is reached by a bare address.</p>`
    : html`<p>Use a security key or a device with a PIN, a fingerprint or a face. This link works once.</p>
<p class="without-passkeys problem">Passkeys need JavaScript and a browser that knows them.</p>
<form method="post" action="${publicUrl}/break-glass/enrol" data-passkey="${JSON.stringify(passkey)}" hidden>
<input type="hidden" name="link" value="${link}">
<input type="hidden" name="token" value="${token}">
<input type="hidden" name="passkey" value="">
<p><label for="name">A name for it</label>
<input type="text" id="name" name="name" maxlength="100" placeholder="Security key in the safe" autocomplete="off"></p>
<p class="problem" id="passkey-problem" role="alert" hidden></p>
<p class="actions"><button type="submit">Register a passkey</button></p>
</form>`
}`,
  }
}

export function enrolledPage({ publicUrl, username }: Pick<EnrolPage, 'publicUrl' | 'username'>): Page {
  return {
    title: 'The passkey is registered',
    body: html`<h1>The passkey is registered</h1>
<p class="lead">It lets <strong>${username}</strong> in. Try it now, so that you know it works when you need it; that use is recorded, too.</p>
<p class="actions"><a class="button" href="${publicUrl}/break-glass">Go to break-glass access</a></p>`,
  }
}
