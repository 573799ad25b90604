import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, test } from 'node:test'
import type { Browser, Page } from 'playwright-core'
import { buildAuthnRequest } from '../../src/saml/authn-request.ts'
import { postFields, redirectUrl } from '../../src/saml/send-request.ts'
import { type RunningTestIdentityProvider, startTestIdentityProvider } from '../../src/test-identity-provider/server.ts'
import { launchBrowser } from '../support/browser.ts'

// Identity provider, service provider and application on three sites, as in the field: that is where cookies get lost
// and where a policy of the page stops the redirect that follows a form.
let browser: Browser
let serviceProvider: Server
let idp: RunningTestIdentityProvider
let port: number
const posted: URLSearchParams[] = []

before(async () => {
  browser = await launchBrowser()
  serviceProvider = createServer((request, response) => {
    if (request.url === '/begin') return response.setHeader('content-type', 'text/html').end(postPage())
    if (request.url !== '/acs') return response.end(`landed at ${request.headers.host}`)
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      posted.push(new URLSearchParams(Buffer.concat(chunks).toString()))
      response.writeHead(303, { location: `http://portal.localhost:${port}/in` }).end()
    })
    return response
  })
  await new Promise<void>((resolve) => serviceProvider.listen(0, '127.0.0.1', resolve))
  port = (serviceProvider.address() as AddressInfo).port
  const origin = `http://latchkey.localhost:${port}`
  const benefits = { entityId: `${origin}/metadata`, acsUrl: `${origin}/acs`, name: 'Benefits' }
  idp = await startTestIdentityProvider({ port: 0, name: 'Company A', serviceProviders: [benefits] })
})

after(async () => {
  await browser?.close()
  await idp?.close()
  serviceProvider?.close()
  serviceProvider?.closeAllConnections()
})

function authnRequest(): string {
  return buildAuthnRequest({
    id: '_request',
    issueInstant: new Date(),
    destination: `${idp.url}/sso`,
    issuer: `http://latchkey.localhost:${port}/metadata`,
    acsUrl: `http://latchkey.localhost:${port}/acs`,
  })
}

const redirect = () => redirectUrl({ location: `${idp.url}/sso`, xml: authnRequest() })

function postPage(): string {
  const { SAMLRequest } = postFields({ id: '_request', xml: authnRequest() })
  return `<form method="post" action="${idp.url}/sso"><input name="SAMLRequest" value="${SAMLRequest}"><button>Go</button></form>`
}

async function onPage(options: object, use: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext(options)
  try {
    const page = await context.newPage()
    const complaints: string[] = []
    page.on('console', (message) => complaints.push(message.text()))
    await use(page)
    assert.deepEqual(complaints, [])
  } finally {
    await context.close()
  }
}

const landed = (page: Page) => page.waitForURL('**/in')
const lastResponse = () => Buffer.from(posted.at(-1)?.get('SAMLResponse') ?? '', 'base64').toString()

test('with the keyboard alone: a redirected request, one person, and the response crosses two sites', () =>
  onPage({}, async (page) => {
    await page.goto(redirect())
    await page.getByRole('button', { name: 'Nina Newcomer' }).focus()
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await landed(page)
    assert.match(lastResponse(), />paul\.project</)
    assert.equal(await page.textContent('body'), `landed at portal.localhost:${port}`)
  }))

test('whoever is signed in is not asked again, by redirect, by post, or from the start page', () =>
  onPage({}, async (page) => {
    await page.goto(idp.url)
    await page.getByRole('button', { name: 'Ada Admin' }).click()
    await page.goto(redirect())
    await landed(page)
    await page.goto(`http://latchkey.localhost:${port}/begin`)
    await page.getByRole('button').click()
    await landed(page)
    assert.match(lastResponse(), / InResponseTo="_request"/)
    await page.goto(idp.url)
    await page.getByRole('link', { name: 'Benefits' }).click()
    await landed(page)
    assert.doesNotMatch(lastResponse(), /InResponseTo/)
  }))

test('without scripts a button carries the response on', () =>
  onPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(redirect())
    await page.getByRole('button', { name: 'Nina Newcomer' }).click()
    await page.getByRole('button', { name: 'Continue to Benefits' }).click()
    await landed(page)
  }))

test('a title changed on the page of a person is in the next response', () =>
  onPage({}, async (page) => {
    await page.goto(idp.url)
    await page.getByRole('button', { name: 'Nina Newcomer' }).click()
    await page.getByRole('link', { name: 'Edit details' }).click()
    await page.getByLabel('Title').fill('Senior Analyst')
    await page.getByLabel('Groups').fill('all-staff\nfinance, core')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByRole('link', { name: 'Benefits' }).click()
    await landed(page)
    assert.match(lastResponse(), />Senior Analyst</)
    assert.match(lastResponse(), />finance, core</)
  }))

test('every page fits a telephone, and every field has a label', () =>
  onPage({ viewport: { width: 360, height: 740 } }, async (page) => {
    for (const path of ['/', '/people', '/people/carl']) {
      await page.goto(idp.url + path)
      const [width, unlabelled] = await page.evaluate<[number, string[]]>(measure)
      assert.ok(width <= 360, `${path} is ${width} wide`)
      assert.deepEqual(unlabelled, [], path)
    }
  }))

/** Runs in the page: its width, and the fields nobody could name. */
const measure = `[
  document.documentElement.scrollWidth,
  [...document.querySelectorAll('input:not([type=hidden]), textarea')]
    .filter((field) => field.labels.length === 0)
    .map((field) => field.name),
]`
