import assert from 'node:assert/strict'
import http from 'node:http'
import { after, before, test } from 'node:test'
import { inflateRawSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import type { Connection } from '../../src/directory/connection.ts'
import { serviceAddresses } from '../../src/directory/service-addresses.ts'
import { createTestIdentityProvider } from '../../src/test-identity-provider/identity-provider.ts'
import { type Served, serve } from '../http/support/serve.ts'
import { newEvent } from '../store/samples.ts'
import { launchBrowser } from '../support/browser.ts'
import { freePort } from '../support/free-port.ts'

/**
 * What only a real browser can say: which cookies go along with a cross-site POST, and what a content security policy lets
 * through. Latchkey and the identity provider stand on different sites; the identity provider redirects once to a third.
 */

let browser: Browser
before(async () => {
  browser = await launchBrowser()
})
after(() => browser.close())

interface Stage extends Served {
  readonly origin: string
  /** Names of the cookies that came with each POST to the ACS. */
  readonly acsCookies: readonly string[][]
}

async function openStage(t: { after(work: () => Promise<void>): void }): Promise<Stage> {
  const [port, idpPort] = [await freePort(), await freePort()]
  const origin = `http://latchkey.localhost:${port}`
  const served = await serve(t, { publicUrl: origin, listen: { host: '127.0.0.1', port } })
  const idp = await createTestIdentityProvider({ baseUrl: `http://idp.company-a.localhost:${idpPort}` })
  await served.addOrganization('company-a', 'Company A')
  for (const binding of ['redirect', 'post'] as const) {
    const settings = { authnRequestBinding: binding }
    const location = `${idp.baseUrl}/sso`
    const added = await served.addConnection('company-a', binding, { name: `By ${binding}`, settings, location })
    const { entityId, certificate } = idp
    const identityProvider = { ...added.identityProvider, entityId, signingCertificates: [certificate] }
    await served.directory.updateConnection({ ...added, identityProvider }, newEvent())
  }
  const acsCookies: string[][] = []
  served.http.server.prependListener('request', ({ method, url, headers }: http.IncomingMessage) => {
    if (method === 'POST' && url?.endsWith('/acs')) acsCookies.push(cookieNames(headers.cookie))
  })
  const issue = (id: string, connectionId: Connection['id']) =>
    idp.issueResponse({
      serviceProvider: serviceAddresses({ id: connectionId }, origin),
      person: { nameId: 'ada', attributes: { uid: 'ada', mail: 'ada@a.example', cn: 'Ada Lovelace', sn: 'Lovelace' } },
      inResponseTo: id,
    }).samlResponse
  const idpServer = http.createServer((request, response) => void answerAsIdentityProvider(request, response, issue))
  await new Promise<void>((resolve) => void idpServer.listen(idpPort, '127.0.0.1', resolve))
  t.after(async () => {
    idpServer.closeAllConnections()
    idpServer.close()
  })
  return { ...served, origin, acsCookies }
}

/** `/sso` redirects to another host, as real ones do; there a form waits that posts the response back. */
async function answerAsIdentityProvider(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  issue: (id: string, connectionId: string) => string,
) {
  const url = new URL(request.url ?? '', `http://${request.headers.host}`)
  if (url.pathname === '/sso') {
    const body = (await request.toArray()).join('')
    const posted = new URLSearchParams(body).get('SAMLRequest')
    const xml =
      posted === null ? inflated(url.searchParams.get('SAMLRequest')) : Buffer.from(posted, 'base64').toString()
    const id = / ID="([^"]+)"/.exec(xml)?.[1] ?? ''
    const acs = / AssertionConsumerServiceURL="([^"]+)"/.exec(xml)?.[1] ?? ''
    const form = `http://login.elsewhere.localhost:${url.port}/form?${new URLSearchParams({ id, acs })}`
    response.writeHead(302, { location: form }).end()
    return
  }
  const acs = url.searchParams.get('acs') ?? ''
  const message = issue(url.searchParams.get('id') ?? '', /\/sso\/([^/]+)\//.exec(acs)?.[1] ?? '')
  response.writeHead(200, { 'content-type': 'text/html' })
  response.end(
    `<form method="post" action="${acs}"><input type="hidden" name="SAMLResponse" value="${message}"><button>Sign in as Ada</button></form>`,
  )
}

function inflated(message: string | null): string {
  return inflateRawSync(Buffer.from(message ?? '', 'base64')).toString()
}

function cookieNames(header: string | undefined): string[] {
  return (header ?? '').split('; ').map((cookie) => cookie.split('=', 1)[0] ?? '')
}

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
