import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'
import { type DemoOptions, type RunningDemo, startDemo } from '../../src/demo/start-demo.ts'
import { createWebVisitor, formsOf } from '../../src/demo/web-visitor.ts'
import type { Account } from '../../src/directory/account.ts'
import { createTestDatabase } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'

interface Cleanup {
  after(work: () => Promise<void>): void
}

async function demoOptions(t: Cleanup): Promise<DemoOptions> {
  const database = await createTestDatabase('embedded')
  assert.equal(database.settings.kind, 'embedded')
  const { dataDirectory } = database.settings
  t.after(() => database.remove())
  const [port, identityProviderPort, portalPort] = [await freePort(), await freePort(), await freePort()]
  return { dataDirectory, port, identityProviderPort, portalPort, logLevel: 'silent' }
}

/** Opens the portal as a new visitor and comes in as Nina; gives the account she has afterwards. */
async function ninaComesIn({ addresses, latchkey }: RunningDemo): Promise<Account> {
  const visitor = createWebVisitor()
  const people = await visitor.open(addresses.portal)
  const nina = formsOf(people).find(({ fields }) => fields.person === 'nina')
  assert.ok(nina, 'Nina among the people of Company A')
  const posting = await visitor.submit(nina, people)
  const [response] = formsOf(posting)
  assert.ok(response, 'a form that posts the response')
  const page = await visitor.submit(response, posting)
  assert.equal(page.url.href, `${addresses.portal}/`)
  assert.equal(page.status, 200)
  const found = await latchkey.latchkey.directory.findAccount('company-a', 'nina.newcomer')
  assert.ok(found, 'an account')
  return found.account
}

test('the demo started again finds the account of the first time', async (t) => {
  const options = await demoOptions(t)
  const accounts: Account[] = []
  for (let start = 1; start <= 2; start += 1) {
    const demo = await startDemo(options)
    try {
      accounts.push(await ninaComesIn(demo))
    } finally {
      await demo.stop()
    }
  }
  const [first, second] = accounts
  assert.equal(second?.id, first?.id)
  assert.deepEqual(second?.createdAt, first?.createdAt)
})

for (const [option, flag] of [
  ['port', '--port'],
  ['identityProviderPort', '--identity-provider-port'],
  ['portalPort', '--portal-port'],
] as const) {
  test(`a busy port is refused with the flag that changes it: ${flag}`, async (t) => {
    const options = await demoOptions(t)
    const busy = createServer().listen(options[option], '127.0.0.1')
    await once(busy, 'listening')
    t.after(async () => {
      busy.close()
    })
    await assert.rejects(startDemo(options), (error) => {
      assert.ok(error instanceof Error && 'code' in error && 'detail' in error)
      assert.equal(error.code, 'port_in_use')
      const detail = JSON.stringify(error.detail)
      assert.ok(detail.includes(flag) && detail.includes(String(options[option])), detail)
      return true
    })
  })
}
