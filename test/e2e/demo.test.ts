import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { reinstateAccount, suspendAccount } from '../../src/admin/account-states.ts'
import { administrationOf } from '../../src/main.ts'
import { launchBrowser } from '../support/browser.ts'
import { choose, type StartedDemo, startDemoForTest, tabTo, visit } from './demo-visit.ts'

/** The demo as a person sees it, in Chromium: three sites, and everything that browsers do with cookies and forms. */

let browser: Browser
let demo: StartedDemo

before(async () => {
  browser = await launchBrowser()
  demo = await startDemoForTest()
})

after(async () => {
  await browser?.close()
  await demo?.remove()
})

const nina = { organization: 'company-a', account: 'nina.newcomer' } as const
const findAccount = (username: string) => demo.latchkey.latchkey.directory.findAccount('company-a', username)

/** `host name: attributes` of every cookie on Latchkey's and the portal's host. */
async function cookiesOf(context: BrowserContext): Promise<string[]> {
  const cookies = await context.cookies()
  return cookies
    .filter(({ domain }) => !domain.startsWith('company-a'))
    .map(({ name, domain, path, httpOnly, secure, sameSite, expires }) => {
      const flags = [httpOnly && 'HttpOnly', secure && 'Secure', `SameSite=${sameSite}`, `Path=${path}`]
      const lasts = expires === -1 ? 'ends with the browser' : 'has an end'
      return `${domain} ${name}: ${flags.filter(Boolean).join('; ')}; ${lasts}`
    })
    .sort()
}

const hostOnly = 'HttpOnly; Secure; SameSite=Lax; Path=/'

test('a deep link of the portal leads to Company A and back to that very page, with no page of ours between', async (t) => {
  const { page, context, shown, complaints } = await visit(t, browser)
  assert.equal(await findAccount('nina.newcomer'), undefined)
  const deepLink = `${demo.addresses.portal}/plans/dental?from=the+first+mail&x=%C3%85`
  await page.goto(deepLink)
  assert.equal(new URL(page.url()).origin, demo.addresses.identityProvider)
  assert.deepEqual(await cookiesOf(context), [
    `benefits.localhost __Host-latchkey-entry: ${hostOnly}; has an end`,
    `latchkey.localhost __Host-latchkey-browser: HttpOnly; Secure; SameSite=None; Path=/; has an end`,
  ])

  await choose(page, 'Nina Newcomer')
  await page.waitForURL(deepLink)
  await page.getByRole('heading', { level: 1, name: 'Dental plan' }).waitFor()
  assert.deepEqual(
    shown.filter((url) => url.startsWith(demo.addresses.latchkey)),
    [],
  )
  assert.deepEqual(
    (await cookiesOf(context)).filter((cookie) => !cookie.includes('-entry')),
    [
      `benefits.localhost __Host-latchkey: ${hostOnly}; ends with the browser`,
      `latchkey.localhost __Host-latchkey-browser: HttpOnly; Secure; SameSite=None; Path=/; has an end`,
      `latchkey.localhost __Host-latchkey: ${hostOnly}; ends with the browser`,
    ],
  )
  const found = await findAccount('nina.newcomer')
  assert.deepEqual(found?.account.fields.mail?.values, ['nina.newcomer@company-a.example'])
  await page.getByText(found.account.createdAt.toISOString().slice(0, 19).replace('T', ' ')).waitFor()
  assert.equal(await page.evaluate('document.cookie'), '', 'no script can read a cookie')
  assert.deepEqual(complaints, [])
})

test('the link on the start page of Company A opens the portal', async (t) => {
  const { page, complaints } = await visit(t, browser)
  await page.goto(demo.addresses.identityProvider)
  await choose(page, 'Paul Project')
  await page.getByRole('link', { name: 'Benefits' }).click()
  await page.waitForURL(`${demo.addresses.portal}/`)
  await page.getByRole('heading', { level: 1, name: 'Welcome, Paul' }).waitFor()
  await page.getByRole('link', { name: 'My team' }).click()
  await page.getByRole('heading', { level: 1, name: 'My team' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('a response that was caught in one browser is refused in another', async (t) => {
  const [theirs, ours] = [await visit(t, browser), await visit(t, browser)]
  const acs = `${demo.addresses.latchkey}/sso/company-a/acs`
  let caught = ''
  await theirs.page.route(acs, (route) => {
    caught = route.request().postData() ?? ''
    return route.fulfill({ contentType: 'text/html', body: 'caught' })
  })
  await theirs.page.goto(demo.addresses.portal)
  await choose(theirs.page, 'Ada Admin')
  await theirs.page.getByText('caught').waitFor()
  assert.equal(await findAccount('ada.admin'), undefined)

  await postFromElsewhere(ours.page, acs, caught)
  await ours.page.getByText('login_request_other_browser').waitFor()
  assert.equal(ours.page.url(), acs)
  assert.equal(await findAccount('ada.admin'), undefined)

  await theirs.page.unroute(acs)
  await postFromElsewhere(theirs.page, acs, caught)
  await theirs.page.waitForURL(`${demo.addresses.portal}/`)
  assert.notEqual(await findAccount('ada.admin'), undefined)
  assert.deepEqual([...theirs.complaints, ...ours.complaints], [])
})

/** Posts a form from a page on a site that nobody here knows. */
async function postFromElsewhere(page: Page, action: string, body: string): Promise<void> {
  const elsewhere = 'http://www.elsewhere.localhost/'
  const inputs = [...new URLSearchParams(body)].map(([name, value]) => `<input name="${name}" value="${value}">`)
  const form = `<form method="post" action="${action}">${inputs.join('')}<button>Post</button></form>`
  await page.route(elsewhere, (route) => route.fulfill({ contentType: 'text/html', body: form }))
  await page.goto(elsewhere)
  await page.getByRole('button', { name: 'Post' }).click()
}

test('a page is refused with the role it takes, and opens once Company A says that role', async (t) => {
  const { page, complaints } = await visit(t, browser)
  await page.goto(demo.addresses.portal)
  await choose(page, 'Carl')
  await page.waitForURL(`${demo.addresses.portal}/`)
  const answer = await page.goto(`${demo.addresses.portal}/team`)
  assert.equal(answer?.status(), 403)
  await page.getByRole('heading', { level: 1, name: 'You may not open this page' }).waitFor()
  await page.getByText('project-manager').waitFor()

  await page.goto(`${demo.addresses.identityProvider}/people/carl`)
  await page.getByLabel('Roles').fill('contractor, project-manager')
  await page.getByRole('button', { name: 'Save' }).click()
  await page.getByRole('link', { name: 'Benefits' }).click()
  await page.waitForURL(`${demo.addresses.portal}/`)
  await page.getByRole('link', { name: 'My team' }).click()
  await page.getByRole('heading', { level: 1, name: 'My team' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('whoever is suspended while a page is open is told so at the next click', async (t) => {
  const { page, complaints } = await visit(t, browser)
  const deps = administrationOf(demo.settings, demo.latchkey.latchkey.directory)
  await page.goto(demo.addresses.portal)
  await choose(page, 'Nina Newcomer')
  await page.getByRole('heading', { level: 1, name: 'Welcome, Nina' }).waitFor()
  await suspendAccount(nina, deps)
  await page.getByRole('link', { name: 'Health plans' }).click()
  await page.getByText('account_suspended').waitFor()
  assert.equal(new URL(page.url()).origin, demo.addresses.latchkey)
  assert.match((await page.textContent('main')) ?? '', /suspended/i)
  await reinstateAccount(nina, deps)
  await page.goto(`${demo.addresses.portal}/plans`)
  await page.getByRole('heading', { level: 1, name: 'Health plans' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('two tabs that begin at two pages both come out where they began', async (t) => {
  const { page: first, context, complaints } = await visit(t, browser)
  const second = await context.newPage()
  await first.goto(`${demo.addresses.portal}/plans?tab=1`)
  await second.goto(`${demo.addresses.portal}/plans/dental?tab=2`)
  await choose(first, 'Nina Newcomer')
  await first.waitForURL(`${demo.addresses.portal}/plans?tab=1`)
  await choose(second, 'Nina Newcomer')
  await second.waitForURL(`${demo.addresses.portal}/plans/dental?tab=2`)
  await first.reload()
  await first.getByRole('heading', { level: 1, name: 'Health plans' }).waitFor()
  assert.deepEqual(complaints, [])
})

test('with the keyboard alone: in at Company A, refused at a page, and on from there', async (t) => {
  const { page, complaints } = await visit(t, browser)
  await page.goto(`${demo.addresses.portal}/administration`)
  await tabTo(page, 'Nina Newcomer')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'You may not open this page' }).waitFor()
  await tabTo(page, 'Go to the start page')
  await page.keyboard.press('Enter')
  await page.waitForURL(`${demo.addresses.portal}/`)
  await tabTo(page, 'Health plans')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Health plans' }).waitFor()

  await page.goto(`${demo.addresses.latchkey}/`)
  await tabTo(page, 'Your account')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'Nina Newcomer' }).waitFor()
  await tabTo(page, 'Sign out')
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { level: 1, name: 'You are signed out' }).waitFor()
  assert.deepEqual(complaints, [])
})
