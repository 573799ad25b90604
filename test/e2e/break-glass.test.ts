import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { type Glass, openGlass } from '../http/support/glass.ts'
import { launchBrowser } from '../support/browser.ts'
import { freePort } from '../support/free-port.ts'

/** What only a real browser can say of break-glass access: whether our script and its passkeys get on, under our policy. */

let browser: Browser
before(async () => {
  browser = await launchBrowser()
})
after(() => browser.close())

interface Cleanup {
  after(work: () => Promise<void>): void
}

interface Stage extends Glass {
  readonly origin: string
  readonly context: BrowserContext
  readonly page: Page
  /** What the browser says of our policy. */
  readonly complaints: readonly string[]
}

async function openStage(t: Cleanup, options: Parameters<Browser['newContext']>[0] = {}): Promise<Stage> {
  const port = await freePort()
  const origin = `http://latchkey.localhost:${port}`
  const glass = await openGlass(t, 'embedded', { publicUrl: origin, listen: { host: '127.0.0.1', port } })
  const context = await browser.newContext(options)
  t.after(() => context.close())
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (/Content Security Policy|violates|refused/i.test(message.text())) complaints.push(message.text())
  })
  return { ...glass, origin, context, page, complaints }
}

/** A security key that has a PIN, or one that cannot tell who holds it. */
async function plugIn({ context, page }: Stage, isUserVerified = true): Promise<void> {
  const devtools = await context.newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'usb',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified,
      automaticPresenceSimulation: true,
    },
  })
}

/** The link names the public URL that commands know; the browser knows the server by another. */
function linkOf({ origin, made }: Stage, { link } = made): string {
  const { pathname, search } = new URL(link)
  return `${origin}${pathname}${search}`
}

test('demand 19: a passkey is registered by its link and lets in, in a browser, under the strict policy', async (t) => {
  const stage = await openStage(t)
  const { page, origin } = stage
  await plugIn(stage)
  await page.goto(linkOf(stage))
  await page.getByLabel('A name for it').fill('Key in the safe')
  await page.getByRole('button', { name: 'Register a passkey' }).click()
  await page.getByRole('heading', { level: 1, name: 'The passkey is registered' }).waitFor()
  await page.getByRole('link', { name: 'Go to break-glass access' }).click()
  for (let round = 1; round <= 2; round++) {
    await page.goto(`${origin}/break-glass`)
    await page.getByRole('button', { name: 'Use a passkey' }).focus()
    await page.keyboard.press('Enter')
    await page.waitForURL(`${origin}/account`)
    await page.getByText('You came in by break-glass access').waitFor()
  }
  await page.getByRole('button', { name: 'Sign out' }).click()
  await page.getByRole('heading', { level: 1, name: 'You are signed out' }).waitFor()
  const shown = (await stage.run('break-glass.show', { account: 'vault-1' })) as { passkeys: { name: string }[] }
  assert.deepEqual(
    shown.passkeys.map(({ name }) => name),
    ['Key in the safe'],
  )
  await page.goto(linkOf(stage))
  await page.getByText('enrolment_link_invalid').waitFor()
  assert.deepEqual(stage.complaints, [])
})

test('the same passkey twice, or a key that cannot tell who holds it, is said on the page', async (t) => {
  const stage = await openStage(t)
  const { page } = stage
  await plugIn(stage)
  await page.goto(linkOf(stage))
  await page.getByRole('button', { name: 'Register a passkey' }).click()
  await page.getByRole('heading', { name: 'The passkey is registered' }).waitFor()
  const offered = (await stage.run('break-glass.enrol', { account: 'vault-1' })) as Glass['made']
  await page.goto(linkOf(stage, offered))
  await page.getByRole('button', { name: 'Register a passkey' }).click()
  await page.getByRole('alert').filter({ hasText: 'registered already' }).waitFor()
  assert.ok(await page.getByRole('button', { name: 'Register a passkey' }).isEnabled())

  const other = await openStage(t)
  await plugIn(other, false)
  await other.page.goto(linkOf(other))
  await other.page.getByRole('button', { name: 'Register a passkey' }).click()
  await other.page.getByRole('alert').filter({ hasText: 'No passkey was given' }).waitFor()
  assert.deepEqual([...stage.complaints, ...other.complaints], [])
})

test('demand 19: a recovery code lets in without any script, from the start page, by keyboard', async (t) => {
  const stage = await openStage(t, { javaScriptEnabled: false })
  const { page, origin } = stage
  const [code = ''] = stage.made.codes
  await page.goto(`${origin}/`)
  await page.getByRole('link', { name: 'Break-glass access for local administrators' }).click()
  await page.getByText('Passkeys need JavaScript').waitFor()
  const enter = async (username: string, text: string) => {
    await page.getByLabel('User name').fill(username)
    await page.getByLabel('Recovery code').fill(text)
    await page.keyboard.press('Enter')
  }
  await enter('vault-1', '7K3VQ2-7K3VQ2-7K3VQ2-7K3VQ2')
  await page.getByRole('alert').filter({ hasText: 'This does not open anything' }).waitFor()
  assert.equal(await page.getByLabel('User name').inputValue(), 'vault-1')
  assert.equal(await page.getByLabel('Recovery code').inputValue(), '')
  await enter('vault-1', code)
  await page.waitForURL(`${origin}/account`)
  await page.getByText('Recovery codes left: 7').waitFor()
  await page.goto(`${origin}/break-glass`)
  await enter('vault-1', code)
  await page.getByRole('alert').filter({ hasText: 'each recovery code works once' }).waitFor()
})

test('a form of another site opens nothing: the browser sends our cookie, but the page was not ours', async (t) => {
  const stage = await openStage(t)
  const { page, origin } = stage
  await page.goto(`${origin}/break-glass`)
  await page.route('http://evil.localhost/**', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: `<form method="post" action="${origin}/break-glass"><input name="token" value="x"><input name="username" value="vault-1"><input name="code" value="${stage.made.codes[0]}"><button>Go</button></form>`,
    }),
  )
  await page.goto('http://evil.localhost/')
  await page.getByRole('button', { name: 'Go' }).click()
  await page.getByText('was not sent from here').waitFor()
  await page.goto(`${origin}/account`)
  await page.waitForURL(`${origin}/`)
})
