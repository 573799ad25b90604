import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { openStage } from './own-host-stage.ts'

/**
 * What only a real browser can say: which cookies go along with a cross-site POST, and what a content security policy lets
 * through. Latchkey and the identity provider stand on different sites; the identity provider redirects once to a third.
 */

let browser: Browser
before(async () => {
  browser = await launchBrowser()
})
after(() => browser.close())

/** A page that keeps what the browser complains about. */
async function openPage(t: { after(work: () => Promise<void>): void }, options: { javaScriptEnabled?: boolean } = {}) {
  const context = await browser.newContext(options)
  t.after(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|violates|refused/i.test(message.text())) complaints.push(message.text())
  })
  return { context, page, complaints }
}

async function signInAtIdentityProvider(page: Page, origin: string): Promise<void> {
  await page.getByRole('button', { name: 'Sign in as Ada' }).click()
  await page.waitForURL(`${origin}/account`)
  await page.getByRole('heading', { level: 1, name: 'Ada Lovelace' }).waitFor()
}

for (const binding of ['redirect', 'post']) {
  test(`a sign-in by ${binding} crosses sites with the browser's cookie, and the session's stays at home`, async (t) => {
    const { origin, acsCookies } = await openStage(t)
    const { context, page, complaints } = await openPage(t)
    await page.goto(`${origin}/sso/${binding}/login`)
    await signInAtIdentityProvider(page, origin)
    await page.goto(`${origin}/sso/${binding}/login`)
    await signInAtIdentityProvider(page, origin)
    assert.deepEqual(acsCookies, [['__Host-latchkey-browser'], ['__Host-latchkey-browser']])
    const cookies = (await context.cookies(origin)).map(({ name, httpOnly, secure, sameSite, path }) => ({
      name,
      httpOnly,
      secure,
      sameSite,
      path,
    }))
    const hostOnly = { httpOnly: true, secure: true, path: '/' }
    assert.deepEqual(
      cookies.sort((a, b) => a.name.localeCompare(b.name)),
      [
        { name: '__Host-latchkey', sameSite: 'Lax', ...hostOnly },
        { name: '__Host-latchkey-browser', sameSite: 'None', ...hostOnly },
      ],
    )
    assert.deepEqual(complaints, [])
  })
}

test('the start page leads to the identity provider and the account page signs out, by keyboard alone', async (t) => {
  const { origin } = await openStage(t)
  const { page, complaints } = await openPage(t)
  await page.goto(`${origin}/`)
  await page.getByLabel('Your organization').fill('by redirect')
  await page.keyboard.press('Enter')
  await signInAtIdentityProvider(page, origin)
  await page.getByRole('button', { name: 'Sign out' }).focus()
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'You are signed out' }).waitFor()
  await page.goto(`${origin}/account`)
  await page.waitForURL(`${origin}/`)
  assert.deepEqual(complaints, [])
})

test('without scripts the request is posted by its button', async (t) => {
  const { origin } = await openStage(t)
  const { page } = await openPage(t, { javaScriptEnabled: false })
  await page.goto(`${origin}/sso/post/login`)
  await page.getByRole('button', { name: 'Continue' }).click()
  await signInAtIdentityProvider(page, origin)
})

test('a sign-in begun in another browser is refused, and trying again works', async (t) => {
  const { origin } = await openStage(t)
  const [ours, theirs] = [await openPage(t), await openPage(t)]
  await ours.page.goto(`${origin}/sso/redirect/login`)
  await theirs.page.goto(ours.page.url())
  await theirs.page.getByRole('button', { name: 'Sign in as Ada' }).click()
  await theirs.page.getByText('login_request_other_browser').waitFor()
  await theirs.page.getByRole('link', { name: 'Try again' }).click()
  await signInAtIdentityProvider(theirs.page, origin)
})
