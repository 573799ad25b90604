import { passkeyScript, stylesheet, submitScript } from './assets.ts'
import { type Html, html } from './html.ts'

export interface Page {
  readonly title: string
  readonly body: Html
  /** Loads the script that submits the page's one form. */
  readonly submitsItself?: boolean
  /** Loads the script that asks for a passkey. */
  readonly usesPasskeys?: boolean
}

/** The frame around every page. Addresses are absolute: the gateway shows the same pages on the hosts of applications. */
export function renderPage(page: Page, publicUrl: string): string {
  const scripts = [page.submitsItself && submitScript, page.usesPasskeys && passkeyScript]
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${page.title}</title>
<link rel="stylesheet" href="${publicUrl}${stylesheet.path}">
<link rel="icon" href="data:,">
${scripts.map((script) => script && html`<script src="${publicUrl}${script.path}" defer></script>\n`)}</head>
<body>
<header><a href="${publicUrl}/">${mark}Sign-in</a></header>
<main>
${page.body}
</main>
</body>
</html>
`.toString()
}

/** A latchkey. */
const mark = html`<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><circle cx="7.5" cy="8.5" r="4.5"/><circle cx="6.6" cy="7.6" r="1"/><path d="M10.8 11.6 20 20.6l1.2-2.3-1.7-.6.3-1.9-2-.2.2-2-2.1-.3"/></svg>`
