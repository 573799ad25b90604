import { type Html, html } from './html.ts'

export interface PageFrame {
  /** Name of the company whose identity provider this is. */
  readonly site: string
  readonly title: string
  /** Something for the right end of the head line. */
  readonly corner?: Html | undefined
  readonly script?: boolean | undefined
}

export function layout(frame: PageFrame, ...main: readonly Html[]): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${frame.title} · ${frame.site}</title>
<link rel="stylesheet" href="/assets/site.css">
<link rel="icon" href="data:,">
</head>
<body>
<header>
<a class="brand" href="/"><span class="mark" aria-hidden="true">${frame.site.split(' ').at(-1)?.charAt(0)}</span>${frame.site}</a>
${frame.corner}
</header>
<main>
${main}
</main>
<footer>Test identity provider. Everybody may be anybody here: never use it for real people.</footer>
${frame.script && html`<script src="/assets/submit.js"></script>`}
</body>
</html>
`.text
}

/** Initials stand for a picture; the name beside them is what is read out. */
export function avatar(name: string): Html {
  const initials = name
    .split(/\s+/)
    .map((word) => word.charAt(0))
    .slice(0, 2)
    .join('')
  return html`<span class="avatar" aria-hidden="true">${initials}</span>`
}
