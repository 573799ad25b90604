import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createWebVisitor, formsOf, type WebVisitor } from '../../src/demo/web-visitor.ts'
import { freePort } from '../support/free-port.ts'
import { type RunningLatchkey, startLatchkey } from '../support/running-latchkey.ts'
import { type SimpleSamlPhp, startSimpleSamlPhp } from './simplesamlphp.ts'

interface Setting {
  readonly latchkey: RunningLatchkey
  readonly identityProvider: SimpleSamlPhp
  readonly visitor: WebVisitor
}

/** Hedy is signed in at SimpleSAMLphp, here, and at the application. */
async function hedyIsIn(t: { after(work: () => Promise<void>): void }): Promise<Setting> {
  const identityProvider = await startSimpleSamlPhp(await freePort())
  t.after(() => identityProvider.stop())
  const latchkey = await startLatchkey(t)
  const settings = { defaultRole: 'employee', grantableRoles: ['employee'] }
  const connection = { metadata: { url: identityProvider.metadataUrl }, settings }
  await latchkey.declare({ university: { roles: { employee: {} }, connections: { university: connection } } }, [
    'university',
  ])
  const visitor = createWebVisitor()
  const ours = await visitor.open(`${latchkey.publicUrl}/sso/university/metadata`)
  identityProvider.addServiceProvider('latchkey', ours.body)

  const page = await visitor.open(`${latchkey.applicationOrigin}/`)
  const [login] = formsOf(page)
  assert.ok(login !== undefined && 'username' in login.fields, `a log-in form at ${page.url.href}: ${page.status}`)
  const fields = { ...login.fields, username: 'hedy', password: 'password of hedy' }
  const posting = await visitor.submit({ ...login, fields }, page)
  const [response] = formsOf(posting)
  assert.ok(response?.fields.SAMLResponse !== undefined, 'a form that posts the response')
  assert.equal((await visitor.submit(response, posting)).url.href, `${latchkey.applicationOrigin}/`)
  return { latchkey, identityProvider, visitor }
}

async function isLedToLogIn(visitor: WebVisitor, url: string): Promise<boolean> {
  return formsOf(await visitor.open(url)).some(({ fields }) => 'username' in fields)
}

test('SimpleSAMLphp: signing out here signs out there, and the page says so', async (t) => {
  const { latchkey, visitor } = await hedyIsIn(t)
  const page = await visitor.open(`${latchkey.applicationOrigin}/.latchkey/logout`)
  assert.equal(page.url.pathname, '/signed-out', `${page.url.href} ${page.body}`)
  assert.match(page.body, /Your session here has ended, and so has the one at university\./)
  assert.ok(
    await isLedToLogIn(visitor, `${latchkey.applicationOrigin}/`),
    'its session is over: it asks for the password',
  )
})

test('SimpleSAMLphp: signing out there ends the session here', async (t) => {
  const { latchkey, identityProvider, visitor } = await hedyIsIn(t)
  const page = await visitor.open(identityProvider.logoutUrl(`${latchkey.publicUrl}/signed-out`))
  assert.equal(page.url.href, `${latchkey.publicUrl}/signed-out`, page.body)
  const answer = await visitor.open(`${latchkey.applicationOrigin}/`, { accept: 'application/json' })
  assert.equal(answer.status, 401)
  assert.ok(await isLedToLogIn(visitor, `${latchkey.applicationOrigin}/`))
})
