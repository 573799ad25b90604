import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { type RunningDemo, startDemo } from '../../src/demo/start-demo.ts'
import { createTestDatabase } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'

/** The real demo, and visitors in Chromium whose browsers complain of nothing. */
export interface StartedDemo extends RunningDemo {
  remove(): Promise<void>
}

export async function startDemoForTest(): Promise<StartedDemo> {
  const database = await createTestDatabase('embedded')
  assert.equal(database.settings.kind, 'embedded')
  const { dataDirectory } = database.settings
  const [port, identityProviderPort, portalPort] = [await freePort(), await freePort(), await freePort()]
  const demo = await startDemo({ dataDirectory, port, identityProviderPort, portalPort, logLevel: 'silent' })
  const remove = async () => {
    await demo.stop()
    await database.remove()
  }
  return { ...demo, remove }
}

interface Cleanup {
  after(work: () => Promise<void>): void
}

export interface Visit {
  readonly context: BrowserContext
  readonly page: Page
  /** Addresses of the pages that were shown, without what the browser was only redirected over. */
  readonly shown: readonly string[]
  /** What the browser complained about; that a page was refused is no complaint. */
  readonly complaints: readonly string[]
}

/** A new browser profile with one page. */
export async function visit(t: Cleanup, browser: Browser, options: BrowserContextOptions = {}): Promise<Visit> {
  const context = await browser.newContext(options)
  t.after(() => context.close())
  const complaints: string[] = []
  context.on('weberror', (error) => complaints.push(String(error.error())))
  context.on('console', (message) => {
    const isRefusedPage = /^Failed to load resource: the server responded with a status of 4\d\d/.test(message.text())
    if (!isRefusedPage || message.location().url !== message.page()?.url()) complaints.push(message.text())
  })
  const page = await context.newPage()
  const shown: string[] = []
  page.on('framenavigated', (frame) => shown.push(frame.url()))
  return { context, page, shown, complaints }
}

export async function choose(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name }).click()
}

/** Presses Tab until the link or button of this name has the focus, which must be visible. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 30; presses += 1) {
    await page.keyboard.press('Tab')
    const focused = await page.evaluate<{ text: string; outline: string }>(focusedElement)
    if (!focused.text.includes(name)) continue
    assert.notEqual(focused.outline, 'none', `the focus on ${name} can be seen`)
    return
  }
  assert.fail(`the keyboard does not reach ${name}`)
}

const focusedElement = `({
  text: document.activeElement.innerText,
  outline: getComputedStyle(document.activeElement).outlineStyle,
})`

/** What everybody needs of every page; gives what is missing. */
function faultsOf(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const faults = []
    const count = (selector) => document.querySelectorAll(selector).length
    if (document.documentElement.lang === '') faults.push('no language')
    if (document.title.trim() === '') faults.push('no title')
    if (count('h1') !== 1) faults.push(count('h1') + ' h1')
    if (count('main') !== 1) faults.push(count('main') + ' main')
    const nameOf = (control) => [
      control.getAttribute('aria-label'), control.innerText, ...[...(control.labels ?? [])].map((label) => label.innerText),
    ].join('').trim()
    for (const control of document.querySelectorAll('a, button, input:not([type=hidden]), select, textarea')) {
      if (nameOf(control) === '') faults.push('no name: ' + control.outerHTML)
      const { width, height } = control.getBoundingClientRect()
      if (width > 0 && height < 20 && control.tagName === 'BUTTON') faults.push('too small to touch: ' + control.outerHTML)
    }
    const levels = [...document.querySelectorAll('h1, h2, h3')].map((heading) => Number(heading.tagName[1]))
    levels.forEach((level, index) => { if (level > (levels[index - 1] ?? 0) + 1) faults.push('a heading is left out before h' + level) })
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id)
    if (new Set(ids).size !== ids.length) faults.push('an id twice')
    const { scrollWidth, clientWidth } = document.documentElement
    if (scrollWidth > clientWidth) faults.push('scrolls sideways: ' + scrollWidth + ' in ' + clientWidth)
    return faults
  })()`)
}

const pictures = process.env.PAGE_PICTURES

/** Looks at the page on a wide screen and on a telephone, light and dark. With PAGE_PICTURES=folder, pictures of it. */
export async function inspect(page: Page, name: string): Promise<void> {
  for (const [width, height] of [
    [1280, 800],
    [375, 740],
  ] as const) {
    await page.setViewportSize({ width, height })
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme })
      if (pictures === undefined) continue
      mkdirSync(pictures, { recursive: true })
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true })
    }
    assert.deepEqual(await faultsOf(page), [], `${name}, ${width} wide`)
  }
}
