import { html } from '../html.ts'
import type { Page } from '../layout.ts'

/** Carries a request to the identity provider as a form: by the script, or by the button where scripts are off. SAML Bindings 3.5. */
export function postToIdentityProviderPage(request: {
  readonly url: string
  readonly fields: Readonly<Record<string, string>>
  readonly connectionName: string
  /** Default: `Continue to sign in`. */
  readonly heading?: string
}): Page {
  const fields = Object.entries(request.fields).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  const { heading = 'Continue to sign in' } = request
  return {
    title: heading,
    submitsItself: true,
    body: html`<h1>${heading}</h1>
<p class="lead">You are being taken to ${request.connectionName}.</p>
<form method="post" action="${request.url}">
${fields}
<p class="actions"><button type="submit">Continue</button></p>
</form>`,
  }
}
