import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser.ts'
import { picture } from '../support/picture.ts'
import { openStage } from './own-host-stage.ts'

/** A person with a new way in finds their account, by keyboard and without scripts; pictures at two widths where wanted. */

let browser: Browser
before(async () => {
  browser = await launchBrowser()
})
after(() => browser.close())

async function comeAs(page: Page, address: string, javaScriptEnabled: boolean): Promise<void> {
  await page.goto(address)
  if (!javaScriptEnabled && address.includes('/post/')) await page.getByRole('button', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Sign in as Ada' }).click()
}

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts'
  test(`demand 6: somebody whose way in is new proves an account theirs and comes in both ways (${how})`, async (t) => {
    const { origin } = await openStage(t, { linking: 'proof' })
    const context = await browser.newContext({ javaScriptEnabled })
    t.after(() => context.close())
    const page = await context.newPage()
    await comeAs(page, `${origin}/sso/redirect/login`, javaScriptEnabled)
    await page.waitForURL(`${origin}/account`)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { level: 1, name: 'You are signed out' }).waitFor()

    await comeAs(page, `${origin}/sso/post/login`, javaScriptEnabled)
    await page.getByRole('heading', { level: 1, name: 'Is this account yours?' }).waitFor()
    const text = (await page.locator('main').textContent()) ?? ''
    assert.match(text, /You signed in with By post/)
    assert.doesNotMatch(text, /ada|lovelace|a\.example/i)
    await picture(page, 'link-page')

    await page.keyboard.press('Tab')
    await page.keyboard.press('Tab')
    assert.equal(await page.locator(':focus').textContent(), 'Sign in with By redirect')
    await page.keyboard.press('Enter')
    await page.getByRole('button', { name: 'Sign in as Ada' }).click()
    await page.waitForURL(`${origin}/account`)
    assert.match((await page.locator('main').textContent()) ?? '', /Signed in by\s*By redirect/)

    await comeAs(page, `${origin}/sso/post/login`, javaScriptEnabled)
    await page.waitForURL(`${origin}/account`)
    assert.match((await page.locator('main').textContent()) ?? '', /Signed in by\s*By post/)
  })
}

test('demand 6: a link page of another browser says what to do', async (t) => {
  const { origin } = await openStage(t, { linking: 'proof' })
  const context = await browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(`${origin}/link?request=00000000-0000-7000-8000-000000000000`)
  await page.getByText('link_request_unknown').waitFor()
  await picture(page, 'link-page-wrong')
  await page.getByRole('link', { name: 'Try again' }).click()
  await page.waitForURL(`${origin}/`)
})
