import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { createWebVisitor, type Form, formsOf, type Page } from '../../src/demo/web-visitor.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { startTestIdentityProvider } from '../../src/test-identity-provider/server.ts'
import { type RunningLatchkey, startLatchkey } from '../support/running-latchkey.ts'

/**
 * What a request asks for, from the login address to the answer: a whole server, and an identity provider whose clock can
 * be turned back, so that it answers with an old authentication.
 */

let worlds = 0

interface Cleanup {
  after(work: () => Promise<void>): void
}

let latchkey: RunningLatchkey
const closers: (() => Promise<void>)[] = []
before(async () => {
  latchkey = await startLatchkey({ after: (close) => void closers.push(close) })
})
after(async () => {
  for (const close of closers) await close()
})

/** An organization of its own, with one connection of the same name. */
async function startWorld(t: Cleanup, settings: ConnectionSettingsInput = {}) {
  const id = `company-${++worlds}`
  const at = `${latchkey.publicUrl}/sso/${id}`
  let behindSeconds = 0
  const idp = await startTestIdentityProvider({
    port: 0,
    name: 'Company A',
    serviceProviders: [{ entityId: `${at}/metadata`, acsUrl: `${at}/acs`, name: 'Latchkey' }],
    now: () => new Date(Date.now() - behindSeconds * 1000),
  })
  t.after(() => idp.close())
  const connection = { metadata: { text: idp.metadata() }, settings }
  await latchkey.declare({ [id]: { connections: { [id]: connection } } }, [id])
  const visitor = createWebVisitor()
  const { directory } = latchkey.server.latchkey
  return {
    idp,
    visitor,
    loginUrl: `${at}/login`,
    turnIdpBack: (seconds: number) => {
      behindSeconds = seconds
    },
    accountCount: async () => (await directory.listAccounts(id, { limit: 10 })).length,
    async signInAtIdp() {
      const start = await visitor.open(idp.url)
      await visitor.submit(formWith(start, 'person', 'nina'), start)
    },
    /** Opens an address; where that leads to the page that asks who one is, chooses Nina; posts the response to us. */
    async login(address: string): Promise<Page> {
      let page = await visitor.open(address)
      if (formsOf(page).some(({ fields }) => fields.SAMLRequest !== undefined)) {
        page = await visitor.submit(formWith(page, 'SAMLRequest'), page)
      }
      if (formsOf(page).some(({ fields }) => fields.person === 'nina')) {
        page = await visitor.submit(formWith(page, 'person', 'nina'), page)
      }
      return visitor.submit(formWith(page, 'SAMLResponse'), page)
    },
  }
}

function formWith(page: Page, name: string, value?: string): Form {
  const form = formsOf(page).find(({ fields }) => (value === undefined ? name in fields : fields[name] === value))
  assert.ok(form, `a form with ${name} on ${page.status} ${page.body}`)
  return form
}

function assertRefused(page: Page, code: string): void {
  assert.match(page.body, new RegExp(`<code>${code}</code>`))
}

function assertSignedIn(page: Page): void {
  assert.equal(page.status, 200, page.body)
  assert.match(page.body, /<h1>Nina Newcomer<\/h1>/)
}

test('`passive=1` signs in whoever has a session at the identity provider, and says how to go on to whoever has none', async (t) => {
  const world = await startWorld(t)
  const returnTo = `${latchkey.publicUrl}/account?deep=1`
  const refused = await world.login(`${world.loginUrl}?passive=1&return_to=${encodeURIComponent(returnTo)}`)
  assert.equal(refused.status, 401)
  assertRefused(refused, 'saml_no_passive')
  assert.match(refused.body, /<h1>Please sign in<\/h1>/)
  const [, again = ''] = /href="([^"]+)">Sign in</.exec(refused.body) ?? []
  assert.equal(again, `${world.loginUrl}?return_to=${encodeURIComponent(returnTo)}`, refused.body)
  assert.equal(await world.accountCount(), 0)

  await world.signInAtIdp()
  assertSignedIn(await world.login(`${world.loginUrl}?passive=1`))
  assert.equal(await world.accountCount(), 1)
  const signedIn = await world.login(again)
  assertSignedIn(signedIn)
  assert.equal(signedIn.url.href, returnTo)
})

test('whoever is asked to sign in elsewhere, or answers a request of another browser, is led nowhere', async (t) => {
  const [mine, theirs] = [await startWorld(t), createWebVisitor()]
  const begun = await mine.visitor.open(`${mine.loginUrl}?passive=1&return_to=/account?secret=1`)
  const refused = await theirs.submit(formWith(begun, 'SAMLResponse'), begun)
  assertRefused(refused, 'saml_no_passive')
  assert.ok(refused.body.includes(`href="${mine.loginUrl}">Sign in</a>`), refused.body)
})

test('`force=1` has the person sign in anew, and an answer that is older than the request is refused', async (t) => {
  const world = await startWorld(t)
  await world.signInAtIdp()
  assertSignedIn(await world.login(`${world.loginUrl}?force=1`))

  world.turnIdpBack(90)
  const skewed = await world.login(`${world.loginUrl}?force=1`)
  assertRefused(skewed, 'saml_authn_too_old')
  assert.match(skewed.body, /Try again/)
  world.turnIdpBack(30)
  assertSignedIn(await world.login(`${world.loginUrl}?force=1`))
  world.turnIdpBack(90)
  assertSignedIn(await world.login(world.loginUrl))
})

test('the setting `forceAuthn` holds for every request of the connection', async (t) => {
  const world = await startWorld(t, { forceAuthn: true, authnRequestBinding: 'post', signAuthnRequests: true })
  world.turnIdpBack(90)
  await world.signInAtIdp()
  assertRefused(await world.login(world.loginUrl), 'saml_authn_too_old')
  assert.equal(await world.accountCount(), 0)
  world.turnIdpBack(0)
  assertSignedIn(await world.login(world.loginUrl))
})

test('a login address with anything else than 1 or 0 is refused and begins nothing', async (t) => {
  const { loginUrl, visitor } = await startWorld(t)
  for (const query of ['force=yes', 'passive=true', 'force=', 'force=1&force=1']) {
    const page = await visitor.open(`${loginUrl}?${query}`)
    assert.equal(page.status, 400, query)
    assertRefused(page, 'request_invalid')
  }
  assert.equal(formsOf(await visitor.open(`${loginUrl}?force=0&passive=0`)).length > 0, true)
})

const classes = 'urn:oasis:names:tc:SAML:2.0:ac:classes:'
const order = ['Password', 'PasswordProtectedTransport', 'X509', 'Smartcard'].map((name) => classes + name)

test('a connection that asks for a stronger way to sign in gets it, or a refusal that says what was missing', async (t) => {
  const classRefs = [`${classes}X509`]
  const strong = await startWorld(t, { requestedAuthnContext: { classRefs, comparison: 'minimum', order } })
  assertSignedIn(await strong.login(strong.loginUrl))

  const impossible = await startWorld(t, { requestedAuthnContext: { classRefs: [`${classes}Smartcard`] } })
  assertRefused(await impossible.login(impossible.loginUrl), 'saml_status_not_success')
  assert.equal(await impossible.accountCount(), 0)
})

test('a NameID format that is asked for is the one that comes back', async (t) => {
  const email = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress'
  const world = await startWorld(t, { nameIdFormat: email })
  assertSignedIn(await world.login(world.loginUrl))
  const unknown = await startWorld(t, { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:kerberos' })
  assertRefused(await unknown.login(unknown.loginUrl), 'saml_status_not_success')
})
