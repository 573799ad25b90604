import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser } from 'playwright-core'
import { applyDeclaration } from '../../src/admin/apply-declaration.ts'
import type { DeclarationInput } from '../../src/admin/declaration.ts'
import { administrationOf } from '../../src/main.ts'
import { launchBrowser } from '../support/browser.ts'
import { choose, inspect, type StartedDemo, startDemoForTest, tabTo, visit } from './demo-visit.ts'

/** The page between a first sign-in and where it leads, in Chromium. With PAGE_PICTURES=folder, pictures of it. */

let browser: Browser
let demo: StartedDemo

const customFields: NonNullable<NonNullable<DeclarationInput['organizations']>[string]['customFields']> = {
  desk: {
    required: true,
    unique: true,
    ask: {
      order: 1,
      label: 'Desk number',
      help: 'A letter and a number, like B-12. It is on the wall.',
      pattern: '[A-Z]-[0-9]+',
    },
  },
  shirt: { required: true, ask: { order: 2, label: 'Size of your shirt', choices: ['S', 'M', 'L', 'XL'] } },
  firstDay: { type: 'date', required: true, ask: { order: 3, label: 'Your first day' } },
  parks: { type: 'boolean', required: true, ask: { order: 4, label: 'Do you need a place to park?' } },
  nights: { type: 'number', ask: { label: 'Nights in the hotel', help: 'Leave it out when you need none.' } },
}

before(async () => {
  browser = await launchBrowser()
  demo = await startDemoForTest()
  const deps = administrationOf(demo.settings, demo.latchkey.latchkey.directory)
  await applyDeclaration({ declaration: { organizations: { 'company-a': { customFields } } } }, deps)
})

after(async () => {
  await browser?.close()
  await demo?.remove()
})

test('a person answers by keyboard, is told what is wrong next to it, and lands on the very page they wanted', async (t) => {
  const { page, context, complaints } = await visit(t, browser)
  const deepLink = `${demo.addresses.portal}/plans/dental?from=the+first+mail&x=%C3%85`
  await page.goto(deepLink)
  await choose(page, 'Nina Newcomer')
  await page.getByRole('heading', { level: 1, name: 'Before you go on' }).waitFor()
  await inspect(page, 'set-up-first')
  const address = page.url()
  const names = (await context.cookies()).map(({ name }) => name)
  assert.ok(!names.includes('__Host-latchkey'), 'no session of our own host, and none of the application')

  await page.getByLabel('Desk number').fill('b12')
  await page.getByLabel('Size of your shirt').selectOption('M')
  await page.getByLabel('Nights in the hotel').fill('two')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  assert.equal(await page.title(), 'Please check – Before you go on')
  await inspect(page, 'set-up-wrong')
  const desk = page.getByLabel('Desk number')
  assert.deepEqual(
    [await desk.inputValue(), await desk.getAttribute('aria-invalid'), await desk.getAttribute('aria-describedby')],
    ['b12', 'true', 'field-desk-fault field-desk-help'],
  )
  assert.equal(await page.getByLabel('Size of your shirt').inputValue(), 'M')
  assert.equal(await page.getByLabel('Size of your shirt').getAttribute('aria-invalid'), null)
  // Each fault in the list leads to its answer.
  await tabTo(page, 'Your first day')
  await page.keyboard.press('Enter')
  assert.equal(await page.evaluate('location.hash'), '#field-firstDay')

  await desk.fill('B-12')
  await page.getByLabel('Your first day').fill('2027-01-31')
  await page.getByLabel('Do you need a place to park?').selectOption({ label: 'No' })
  await page.getByLabel('Nights in the hotel').fill('')
  await tabTo(page, 'Continue')
  await page.keyboard.press('Enter')
  await page.waitForURL(deepLink)
  await page.getByRole('heading', { level: 1, name: 'Dental plan' }).waitFor()
  await inspect(page, 'set-up-done')
  const found = await demo.latchkey.latchkey.directory.findAccount('company-a', 'nina.newcomer')
  assert.deepEqual(found?.account.fields.firstDay?.values, ['2027-01-31'])
  assert.deepEqual(found?.account.fields.parks?.values, ['false'])
  assert.equal(found?.account.fields.nights, undefined)

  // The page leads on again, and nothing is asked twice.
  await page.goto(address)
  assert.equal(page.url(), deepLink)
  assert.deepEqual(complaints, [])
})

test('where scripts do not run it is the same, and what somebody else has is told', async (t) => {
  const { page, complaints } = await visit(t, browser, { javaScriptEnabled: false })
  await page.goto(demo.addresses.portal)
  await choose(page, 'Paul Project')
  await page.getByRole('button', { name: 'Continue to Benefits' }).click()
  await page.getByRole('heading', { level: 1, name: 'Before you go on' }).waitFor()
  const address = page.url()
  await page.getByLabel('Desk number').fill('B-12')
  await page.getByLabel('Size of your shirt').selectOption('XL')
  await page.getByLabel('Your first day').fill('2027-02-01')
  await page.getByLabel('Do you need a place to park?').selectOption({ label: 'Yes' })
  await choose(page, 'Continue')
  await page.getByText('Somebody else has given this already').waitFor()
  await inspect(page, 'set-up-taken')
  assert.equal(await page.getByLabel('Your first day').inputValue(), '2027-02-01')
  await page.getByLabel('Desk number').fill('B-13')
  await choose(page, 'Continue')
  await page.getByRole('heading', { level: 1, name: 'Welcome, Paul' }).waitFor()

  const stranger = await visit(t, browser, { javaScriptEnabled: false })
  const answer = await stranger.page.goto(address)
  assert.equal(answer?.status(), 403)
  await stranger.page.getByText('set_up_other_browser').waitFor()
  await inspect(stranger.page, 'set-up-other-browser')
  assert.deepEqual(complaints, [])
})

test('one question, and a page whose questions were answered elsewhere', async (t) => {
  const [here, there] = [await visit(t, browser), await visit(t, browser)]
  for (const { page } of [here, there]) {
    await page.goto(demo.addresses.portal)
    await choose(page, 'Ada Admin')
    await page.getByRole('heading', { level: 1, name: 'Before you go on' }).waitFor()
  }
  const { directory } = demo.latchkey.latchkey
  await here.page.getByLabel('Desk number').fill('A-1')
  await here.page.getByLabel('Size of your shirt').selectOption('S')
  await here.page.getByLabel('Your first day').fill('2027-02-01')
  await here.page.getByLabel('Do you need a place to park?').selectOption({ label: 'Yes' })
  await here.page.getByLabel('Nights').fill('2')
  await choose(here.page, 'Continue')
  await here.page.waitForURL(`${demo.addresses.portal}/`)
  await there.page.reload()
  await there.page.getByRole('heading', { level: 1, name: 'You are all set' }).waitFor()
  await inspect(there.page, 'set-up-nothing-left')
  await choose(there.page, 'Continue')
  await there.page.waitForURL(`${demo.addresses.portal}/`)
  assert.ok((await directory.findAccount('company-a', 'ada.admin'))?.account.fields.desk)
})
