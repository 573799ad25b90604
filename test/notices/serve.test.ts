import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from 'uuidv7'
import { createMetrics } from '../../src/http/metrics.ts'
import { newConnection, newEvent, newOrganization, newPerson, waitingFor } from '../store/samples.ts'
import { startLatchkey } from '../support/running-latchkey.ts'
import { until } from '../support/until.ts'
import { assertSigned, startReceiver } from './receiver.ts'

for (const kind of ['embedded', 'served'] as const) {
  test(`demand 14: a server sends its notices unasked, and counts them (${kind})`, async (t) => {
    const receiver = await startReceiver(t)
    const secret = Buffer.alloc(32, 9)
    const { server, publicUrl } = await startLatchkey(t, kind, {
      webhookUrl: receiver.url,
      webhookSecret: secret,
    })
    const { directory } = server.latchkey
    const organization = newOrganization()
    const connection = newConnection(organization.id)
    await directory.createOrganization(organization, newEvent())
    await directory.createConnection(connection, newEvent())
    const waiting = waitingFor(connection, newPerson(), new Date(Date.now() + 86_400_000))
    const { id: account } = waiting.account
    const notice = {
      organizationId: organization.id,
      id: uuidv7(),
      kind: 'account.waiting',
      at: new Date(),
      content: { account, connection: connection.id },
    } as const
    await directory.keepWaiting({ ...waiting, notice })
    const told = await until(() => receiver.received[0])
    assertSigned(told, secret)
    assert.equal(told.id, notice.id)
    const link = told.notice.data.approvalLink ?? ''
    assert.equal(new URL(link).origin, publicUrl)
    await until(async () => {
      const lines = await server.metrics.registry.metrics()
      return /^latchkey_notices_total\{kind="account.waiting",outcome="delivered"\} 1$/m.test(lines)
    })
    assert.deepEqual(await directory.measureWaiting(), { accounts: 1, notices: 0 })
  })
}

test('demand 14: gauges say how many people wait, and how many notices', async () => {
  const metrics = createMetrics()
  metrics.waitingRead({ accounts: 3, notices: 2 })
  const lines = await metrics.registry.metrics()
  assert.match(lines, /^latchkey_accounts_waiting 3$/m)
  assert.match(lines, /^latchkey_notices_waiting 2$/m)
})
