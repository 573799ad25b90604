import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { listRequests } from '../../src/admin/approvals.ts'
import { publicUrl } from '../http/support/serve.ts'
import { launchBrowser } from '../support/browser.ts'
import { picture } from '../support/picture.ts'
import { openStage } from './own-host-stage.ts'

/** Somebody waits, writes to whoever decides, and is let in; pictures at two widths where wanted. */

let browser: Browser
before(async () => {
  browser = await launchBrowser()
})
after(() => browser.close())

for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? 'with scripts' : 'without scripts'
  test(`demand 14: whoever waits writes to whoever decides, by keyboard, and is approved with a click (${how})`, async (t) => {
    const { origin, office } = await openStage(t, { newAccounts: 'pending' })
    const context = await browser.newContext({ javaScriptEnabled })
    t.after(() => context.close())
    const page = await context.newPage()
    await page.goto(`${origin}/sso/redirect/login`)
    await page.getByRole('button', { name: 'Sign in as Ada' }).click()
    await page.getByRole('heading', { level: 1, name: 'Your request has been sent' }).waitFor()
    await picture(page, 'waiting-empty')

    const field = page.getByLabel('Who are you, and what do you need access for?')
    await field.focus()
    await page.keyboard.type('I am Ada from <b>Berlin</b>.\nAsk Jo.')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Your message has been kept').waitFor()
    assert.equal(await field.inputValue(), 'I am Ada from <b>Berlin</b>.\nAsk Jo.')
    await picture(page, 'waiting-written')
    await page.reload()
    await field.fill('I am Ada. My team lead Jo said that I should ask here: I take over payroll in May.')
    await page.getByRole('button', { name: 'Change the message' }).click()
    await page.getByRole('heading', { level: 2, name: 'Your message' }).waitFor()
    assert.equal(await field.count(), 0)
    await picture(page, 'waiting-final')

    const [request] = await listRequests({}, office)
    const administrator = await context.newPage()
    await administrator.goto((request?.link ?? '').replace(publicUrl, origin))
    await administrator.getByText('I take over payroll in May.').waitFor()
    await picture(administrator, 'approval-with-note')
    await administrator.getByRole('button', { name: 'Approve' }).click()
    await administrator.getByText('Approved. The next sign-in leads in.').waitFor()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Your account has been approved' }).waitFor()
    await picture(page, 'waiting-approved')
    await page.getByRole('link', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'Sign in as Ada' }).click()
    await page.waitForURL(`${origin}/account`)
  })
}

test('demand 14: a text that is too long is given back with what is wrong', async (t) => {
  const { origin } = await openStage(t, { newAccounts: 'pending' })
  const context = await browser.newContext()
  t.after(() => context.close())
  const page = await context.newPage()
  await page.goto(`${origin}/sso/redirect/login`)
  await page.getByRole('button', { name: 'Sign in as Ada' }).click()
  const field = page.getByLabel('Who are you, and what do you need access for?')
  await field.evaluate((element) => element.removeAttribute('maxlength'))
  await field.fill('too much '.repeat(60))
  await page.getByRole('button', { name: 'Send the message' }).click()
  await page.getByRole('alert').filter({ hasText: 'This is longer than 500 characters.' }).waitFor()
  assert.match(await field.inputValue(), /^too much/)
  await picture(page, 'waiting-too-long')

  const stranger = await (await browser.newContext()).newPage()
  await stranger.goto(page.url())
  await stranger.getByText('waiting_page_unknown').waitFor()
  await stranger.context().close()
})
