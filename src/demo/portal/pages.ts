import type { VisitorIdentity } from './identity.ts'

/** The pages of the sample benefits portal: plain HTML, one stylesheet, no script. */

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (text: string) => text.replace(/[&<>"']/g, (character) => escapes[character] ?? character)

interface Section {
  readonly path: string
  readonly title: string
  readonly summary: string
  readonly text: string
}

/** What the portal offers; who may open what is the gateway's policy, not the portal's. */
export const sections: readonly Section[] = [
  {
    path: '/plans',
    title: 'Health plans',
    summary: 'Medical, dental and vision for you and your family.',
    text: 'You are eligible from your first day. Choose a plan within 30 days; the company pays 80 % of it.',
  },
  {
    path: '/plans/dental',
    title: 'Dental plan',
    summary: 'Two check-ups a year are free.',
    text: 'Your card is on its way. Until then, tell the practice your name and your employer.',
  },
  {
    path: '/team',
    title: 'My team',
    summary: 'Who has enrolled, who needs a reminder. For managers.',
    text: 'Four of six people in your team have chosen a plan.',
  },
  {
    path: '/administration',
    title: 'Plan administration',
    summary: 'Rates, carriers and enrolment windows. For benefits administrators.',
    text: 'The next enrolment window opens on the first of the month.',
  },
]

export function homePage(visitor: VisitorIdentity): string {
  const cards = sections.map(
    ({ path, title, summary }) =>
      `<li><a class="card" href="${path}"><strong>${escapeHtml(title)}</strong><span>${escapeHtml(summary)}</span></a></li>`,
  )
  const firstName = visitor.name.split(' ')[0] ?? visitor.name
  return page('Benefits', visitor, [
    `<h1>Welcome, ${escapeHtml(firstName)}</h1>`,
    `<ul class="cards">${cards.join('')}</ul>`,
  ])
}

export function sectionPage(section: Section, visitor: VisitorIdentity): string {
  return page(section.title, visitor, [
    `<p class="back"><a href="/">All benefits</a></p>`,
    `<h1>${escapeHtml(section.title)}</h1>`,
    `<p class="lead">${escapeHtml(section.text)}</p>`,
  ])
}

export function missingPage(visitor: VisitorIdentity): string {
  return page('Not found', visitor, ['<h1>There is no such page</h1>', '<p><a href="/">All benefits</a></p>'])
}

/** For whoever did not come through the gateway. */
export function refusedPage(): string {
  return document('No way in', [
    '<header><span class="brand">Company B <span>Benefits</span></span></header>',
    '<main><h1>This portal opens only through its front door</h1>',
    '<p class="lead">The request carried no valid <code>X-Latchkey-Assertion</code>.</p></main>',
  ])
}

function page(title: string, visitor: VisitorIdentity, main: readonly string[]): string {
  return document(title, [
    `<header><a class="brand" href="/">Company B <span>Benefits</span></a>`,
    `<a class="sign-out" href="/.latchkey/logout">Sign out</a></header>`,
    `<main>${main.join('')}</main>`,
    visitorCard(visitor),
  ])
}

function visitorCard(visitor: VisitorIdentity): string {
  const made = `${visitor.accountCreatedAt.toISOString().slice(0, 19).replace('T', ' ')} UTC`
  const rows: readonly (readonly [string, string])[] = [
    ['Name', escapeHtml(visitor.name)],
    ['User name', escapeHtml(visitor.username)],
    ['E-mail', escapeHtml(visitor.email ?? 'none')],
    ['Organization', escapeHtml(visitor.organization)],
    ['Roles', chips(visitor.roles)],
    ['Groups', chips(visitor.groups)],
    ['Account made', `<time datetime="${visitor.accountCreatedAt.toISOString()}">${made}</time>`],
  ]
  const list = rows.map(([term, value]) => `<dt>${term}</dt><dd>${value}</dd>`).join('')
  return `<aside aria-labelledby="who"><h2 id="who">Who came in</h2><dl>${list}</dl></aside>`
}

function chips(values: readonly string[]): string {
  if (values.length === 0) return '<span class="none">none</span>'
  return `<ul class="chips">${values.map((value) => `<li>${escapeHtml(value)}</li>`).join('')}</ul>`
}

function document(title: string, body: readonly string[]): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} · Company B</title><link rel="stylesheet" href="/portal.css"><link rel="icon" href="data:,"></head>
<body>${body.join('')}</body></html>
`
}

export const stylesheet = `:root{color-scheme:light dark;--ink:#15231d;--soft:#55655d;--line:#d8e2dc;--paper:#f6faf7;--card:#fff;--leaf:#11694a}
@media (prefers-color-scheme:dark){:root{--ink:#e9f2ec;--soft:#a3b5ab;--line:#2c3a33;--paper:#101713;--card:#18211c;--leaf:#6fd3a8}}
*{box-sizing:border-box}body{margin:0;background:var(--paper);color:var(--ink);font:17px/1.55 system-ui,sans-serif;
display:grid;grid-template:"head head" "main side"/1fr 20rem;gap:0 2.5rem;max-width:70rem;margin:auto;padding:0 1.5rem 3rem}
header{grid-area:head;display:flex;justify-content:space-between;align-items:baseline;padding:1.4rem 0;border-bottom:1px solid var(--line);margin-bottom:2rem}
main{grid-area:main;min-width:0}aside{grid-area:side;min-width:0;background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.2rem 1.4rem;align-self:start}
h1{text-wrap:balance;font-size:2rem;line-height:1.2;margin:.2rem 0 1.2rem;letter-spacing:-.02em}h2{font-size:1rem;margin:0 0 .6rem}
a{color:var(--leaf)}a:focus-visible{outline:3px solid var(--leaf);outline-offset:3px;border-radius:6px}
.brand{font-weight:700;text-decoration:none;color:var(--ink)}.brand span{font-weight:400;color:var(--soft)}.lead{font-size:1.15rem;max-width:38rem}
.cards{list-style:none;padding:0;margin:0;display:grid;gap:1rem;grid-template-columns:repeat(auto-fill,minmax(15rem,1fr))}
.card{display:block;height:100%;padding:1.1rem 1.3rem;border:1px solid var(--line);border-radius:14px;background:var(--card);text-decoration:none;color:var(--ink)}
.card:hover{border-color:var(--leaf)}.card strong{display:block;color:var(--leaf)}.card span{color:var(--soft)}
dl{margin:0;font-size:.95rem}dt{color:var(--soft);margin-top:.7rem;font-size:.85rem}dd{margin:0;overflow-wrap:anywhere}
.chips{list-style:none;display:flex;flex-wrap:wrap;gap:.35rem;padding:0;margin:.2rem 0}.chips li{border:1px solid var(--line);border-radius:99px;padding:.05rem .6rem;font-size:.88rem}
code{white-space:nowrap;font-size:.9em}.none{color:var(--soft)}@media (max-width:48rem){body{grid-template:"head" "main" "side"/minmax(0,1fr)}aside{margin-top:2rem}h1{font-size:1.6rem}}
`
