import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type RunningDemo, startDemo } from '../../src/demo/start-demo.ts'
import { createWebVisitor, formsOf, type WebVisitor } from '../../src/demo/web-visitor.ts'
import { createTestDatabase } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'

async function open(t: { after(work: () => Promise<void>): void }): Promise<RunningDemo> {
  const database = await createTestDatabase('embedded')
  assert.equal(database.settings.kind, 'embedded')
  const { dataDirectory } = database.settings
  const [port, identityProviderPort, portalPort] = [await freePort(), await freePort(), await freePort()]
  const demo = await startDemo({ dataDirectory, port, identityProviderPort, portalPort, logLevel: 'silent' })
  t.after(async () => {
    await demo.stop()
    await database.remove()
  })
  return demo
}

async function comeIn(visitor: WebVisitor, { addresses }: RunningDemo): Promise<void> {
  const people = await visitor.open(addresses.portal)
  const nina = formsOf(people).find(({ fields }) => fields.person === 'nina')
  assert.ok(nina, 'Nina among the people of Company A')
  const posting = await visitor.submit(nina, people)
  const [response] = formsOf(posting)
  assert.ok(response, 'a form that posts the response')
  assert.equal((await visitor.submit(response, posting)).url.href, `${addresses.portal}/`)
}

const json = { accept: 'application/json' }

test('signing out at the portal ends the session at Company A too, and the page says so', async (t) => {
  const demo = await open(t)
  const visitor = createWebVisitor()
  await comeIn(visitor, demo)
  const page = await visitor.open(`${demo.addresses.portal}/.latchkey/logout`)
  assert.equal(page.url.origin + page.url.pathname, `${demo.addresses.latchkey}/signed-out`, page.body)
  assert.match(page.body, /Your session here has ended, and so has the one at Company A\./)
  assert.equal((await visitor.open(`${demo.addresses.portal}/me`, json)).status, 401)
  assert.match((await visitor.open(demo.addresses.identityProvider)).body, /Who are you\?/)
})

test('signing out everywhere at Company A ends the session here, in a frame that has no cookies', async (t) => {
  const demo = await open(t)
  const visitor = createWebVisitor()
  await comeIn(visitor, demo)
  const start = await visitor.open(demo.addresses.identityProvider)
  const [form] = formsOf(start)
  assert.ok(form)
  const page = await visitor.submit({ ...form, action: '/sign-out-everywhere' }, start)
  const frame = /<iframe [^>]*src="([^"]+)"/.exec(page.body)?.[1]?.replaceAll('&amp;', '&')
  assert.ok(frame, page.body)
  const inside = await createWebVisitor().open(frame)
  assert.match(inside.body, /Signed out of Benefits\./)
  assert.match(String(inside.headers['content-security-policy']), /frame-ancestors 'self'/)
  assert.equal((await visitor.open(`${demo.addresses.portal}/me`, json)).status, 401)
})
