import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWebVisitor, formsOf, type Page, type WebVisitor } from '../../src/demo/web-visitor.ts'
import { freePort } from '../support/free-port.ts'
import { type RunningLatchkey, startLatchkey } from '../support/running-latchkey.ts'
import { type SimpleSamlPhp, startSimpleSamlPhp } from './simplesamlphp.ts'

interface Setting {
  readonly latchkey: RunningLatchkey
  readonly identityProvider: SimpleSamlPhp
  readonly visitor: WebVisitor
}

interface Prepared {
  /** The identity provider encrypts, and the connection accepts nothing else. */
  readonly encrypt?: boolean
}

async function prepare(
  t: { after(work: () => Promise<void>): void },
  { encrypt = false }: Prepared = {},
): Promise<Setting> {
  const identityProvider = await startSimpleSamlPhp(await freePort())
  t.after(() => identityProvider.stop())
  const latchkey = await startLatchkey(t)
  const connection = {
    metadata: { url: identityProvider.metadataUrl },
    settings: {
      allowIdpInitiated: true,
      defaultRole: 'employee',
      grantableRoles: ['employee', 'manager'],
      wantAssertionsEncrypted: encrypt,
    },
  }
  const university = { roles: { employee: {}, manager: {} }, connections: { university: connection } }
  await latchkey.declare({ university }, ['university'])
  const visitor = createWebVisitor()
  const ours = await visitor.open(`${latchkey.publicUrl}/sso/university/metadata`)
  identityProvider.addServiceProvider('latchkey', ours.body, { encrypt })
  return { latchkey, identityProvider, visitor }
}

/** Fills in the log-in form of the identity provider, then presses on through its self-submitting form. */
async function logIn(visitor: WebVisitor, page: Page, username: string): Promise<Page> {
  const [login] = formsOf(page)
  assert.ok(login !== undefined && 'username' in login.fields, `a log-in form at ${page.url.href}: ${page.status}`)
  const fields = { ...login.fields, username, password: `password of ${username}` }
  const posting = await visitor.submit({ ...login, fields }, page)
  const [response] = formsOf(posting)
  assert.ok(response?.fields.SAMLResponse !== undefined, 'a form that posts the response')
  return visitor.submit(response, posting)
}

test('SimpleSAMLphp: a sign-in begun here opens the account and lands on the deep link', async (t) => {
  const { latchkey, visitor } = await prepare(t)
  const deepLink = `${latchkey.applicationOrigin}/managers/report?year=2026&name=%C3%85`
  const page = await logIn(visitor, await visitor.open(deepLink), 'grace')
  assert.equal(page.status, 200, page.body)
  assert.equal(page.url.href, deepLink)
  const { headers, url } = JSON.parse(page.body)
  assert.equal(url, '/managers/report?year=2026&name=%C3%85')
  assert.equal(headers['remote-user'], 'grace')

  const found = await latchkey.server.latchkey.directory.findAccount('university', 'grace')
  assert.deepEqual(found?.account.fields.cn?.values, ['Grace Møller'])
  assert.deepEqual(found?.account.fields.displayName?.values, ['Grace Møller & Co'])
  assert.deepEqual(found?.account.fields.mail?.values, ["grace.o'neil@example.org"])
  const grants = found?.grants.map(({ kind, name }) => `${kind} ${name}`).sort()
  assert.deepEqual(grants, ['group engineering, night shift', 'group staff', 'role manager'])
})

test('SimpleSAMLphp: a sign-in begun there opens the account, and the same person stays the same account', async (t) => {
  const { latchkey, identityProvider, visitor } = await prepare(t)
  const { directory } = latchkey.server.latchkey
  const link = identityProvider.idpInitiatedUrl(`${latchkey.publicUrl}/sso/university/metadata`)
  const page = await logIn(visitor, await visitor.open(link), 'hedy')
  assert.equal(page.status, 200, page.body)
  assert.equal(page.url.href, `${latchkey.applicationOrigin}/`)
  const first = await directory.findAccount('university', 'hedy')
  assert.deepEqual(first?.grants.map(({ name }) => name).sort(), ['employee', 'staff'])

  const another = createWebVisitor()
  const again = await logIn(another, await another.open(`${latchkey.applicationOrigin}/`), 'hedy')
  assert.equal(again.status, 200, again.body)
  const second = await directory.findAccount('university', 'hedy')
  assert.equal(second?.account.id, first?.account.id)
  const refused = await another.open(`${latchkey.applicationOrigin}/managers`)
  assert.equal(refused.status, 403)
})

test('SimpleSAMLphp: an assertion that is encrypted with the key of our metadata opens the account', async (t) => {
  const { latchkey, visitor } = await prepare(t, { encrypt: true })
  const page = await logIn(visitor, await visitor.open(`${latchkey.applicationOrigin}/`), 'grace')
  assert.equal(page.status, 200, page.body)
  const found = await latchkey.server.latchkey.directory.findAccount('university', 'grace')
  assert.deepEqual(found?.account.fields.cn?.values, ['Grace Møller'])
})
