import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { suspendAccount } from '../../src/admin/account-states.ts'
import { applyDeclaration } from '../../src/admin/apply-declaration.ts'
import { administrationOf } from '../../src/main.ts'
import { launchBrowser } from '../support/browser.ts'
import { choose, inspect, type StartedDemo, startDemoForTest, visit } from './demo-visit.ts'

/**
 * Every page that a person can come to in the demo: a language, a title, one heading, one main part, a name for every
 * control, no scrolling sideways on a telephone, no complaint of the browser. With PAGE_PICTURES=folder, pictures of them.
 */

let browser: Browser
let demo: StartedDemo

before(async () => {
  browser = await launchBrowser()
  demo = await startDemoForTest()
  await addOtherDoor()
})

/** A second connection of the organization, which asks by HTTP-POST; the portal does not use it. */
async function addOtherDoor(): Promise<void> {
  const connection = {
    name: 'Company A, the other door',
    metadata: { text: demo.identityProvider.metadata() },
    settings: { authnRequestBinding: 'post' as const },
  }
  const organizations = { 'company-a': { connections: { 'other-door': connection } } }
  const deps = administrationOf(demo.settings, demo.latchkey.latchkey.directory)
  await applyDeclaration({ declaration: { organizations } }, deps)
}

after(async () => {
  await browser?.close()
  await demo?.remove()
})

/** Opens the address, expects the status, and looks. */
async function look(page: Page, name: string, url: string, status = 200): Promise<void> {
  const answer = await page.goto(url)
  assert.equal(answer?.status(), status, name)
  await inspect(page, name)
}

test('the pages of Company A', async (t) => {
  const { identityProvider } = demo.addresses
  const { page, complaints } = await visit(t, browser)
  await look(page, 'company-a-choose', identityProvider)
  await look(page, 'company-a-people', `${identityProvider}/people`)
  await look(page, 'company-a-person', `${identityProvider}/people/paul`)
  await look(page, 'company-a-problem', `${identityProvider}/sso?SAMLRequest=nonsense`, 400)
  await look(page, 'company-a-missing', `${identityProvider}/nowhere`, 404)
  await page.goto(identityProvider)
  await choose(page, 'Nina Newcomer')
  await page.getByRole('heading', { level: 1, name: 'Hello, Nina' }).waitFor()
  await inspect(page, 'company-a-start')
  assert.deepEqual(complaints, [])
})

test('the pages on the way, where scripts do not run', async (t) => {
  const { page } = await visit(t, browser, { javaScriptEnabled: false })
  await look(page, 'company-a-choose-for-benefits', demo.addresses.portal)
  await choose(page, 'Paul Project')
  await page.getByRole('button', { name: 'Continue to Benefits' }).waitFor()
  await inspect(page, 'company-a-continue')
  await page.getByRole('button', { name: 'Continue to Benefits' }).click()
  await page.getByRole('heading', { level: 1, name: 'Welcome, Paul' }).waitFor()
})

test('the pages of the portal, and the refusals on its host', async (t) => {
  const { portal, bypass } = demo.addresses
  const { page, complaints } = await visit(t, browser)
  await page.goto(portal)
  await choose(page, 'Paul Project')
  await page.getByRole('heading', { level: 1, name: 'Welcome, Paul' }).waitFor()
  await look(page, 'portal-home', `${portal}/`)
  await look(page, 'portal-plans', `${portal}/plans`)
  await look(page, 'portal-missing', `${portal}/nowhere`, 404)
  await look(page, 'portal-not-entitled', `${portal}/administration`, 403)
  await look(page, 'portal-bypass', bypass, 401)
  assert.deepEqual(complaints, [])
})

test('the pages of Latchkey', async (t) => {
  const { latchkey, portal, identityProvider } = demo.addresses
  const { page, complaints } = await visit(t, browser)
  await look(page, 'latchkey-find', `${latchkey}/`)
  await page.getByRole('textbox').fill('nobody')
  await page.keyboard.press('Enter')
  await page.getByRole('alert').waitFor()
  await inspect(page, 'latchkey-find-problem')
  await look(page, 'latchkey-missing', `${latchkey}/nowhere`, 404)
  await look(page, 'latchkey-no-connection', `${latchkey}/sso/nobody/login`, 404)
  await page.goto(portal)
  await choose(page, 'Ada Admin')
  await page.waitForURL(`${portal}/`)
  await look(page, 'latchkey-account', `${latchkey}/account`)
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { level: 1, name: 'You are signed out' }).waitFor()
  await inspect(page, 'latchkey-signed-out')
  const deps = administrationOf(demo.settings, demo.latchkey.latchkey.directory)
  await suspendAccount({ organization: 'company-a', account: 'ada.admin' }, deps)
  // Signing out here has signed Ada out at Company A too.
  await page.goto(identityProvider)
  await choose(page, 'Ada Admin')
  await page.getByRole('link', { name: 'Benefits' }).click()
  await page.getByText('account_suspended').waitFor()
  await inspect(page, 'latchkey-suspended')
  assert.deepEqual(complaints, [])
})

test('the pages of an organization with two connections, where scripts do not run', async (t) => {
  const { latchkey } = demo.addresses
  const { page } = await visit(t, browser, { javaScriptEnabled: false })
  await page.goto(`${latchkey}/`)
  await page.getByRole('textbox').fill('company a')
  await page.keyboard.press('Enter')
  await page.getByRole('link', { name: 'Company A, the other door' }).waitFor()
  await inspect(page, 'latchkey-choose-connection')
  await page.getByRole('link', { name: 'Company A, the other door' }).click()
  await page.getByRole('button', { name: 'Continue' }).waitFor()
  await inspect(page, 'latchkey-continue')
})
