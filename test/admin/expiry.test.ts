import assert from 'node:assert/strict'
import { test } from 'node:test'
import { daysLeft, listExpiries, stageOf } from '../../src/admin/expiry.ts'
import { createMetrics } from '../../src/http/metrics.ts'
import { writeIdentityProviderMetadata } from '../../src/test-identity-provider/metadata.ts'
import { createIdentityProviderKey } from '../../src/test-identity-provider/signing-key.ts'
import { forEachDatabase } from '../support/databases.ts'
import { now, openOffice } from './office.ts'

const dayMs = 86_400_000

test('demand 21: the tone gets sharper 90, 30, 7 and 1 days before the end', () => {
  const stages = [91, 90, 31, 30, 8, 7, 2, 1, 0, -5].map(stageOf)
  assert.deepEqual(stages, [undefined, 90, 90, 30, 30, 7, 7, 1, 1, 1])
  assert.equal(daysLeft(new Date(now.getTime() + dayMs - 1), now), 0)
  assert.equal(daysLeft(new Date(now.getTime() - 1), now), -1)
})

forEachDatabase((kind, open) => {
  test(`demand 21: what ends soon is found by connection test, and measured without a person in it (${kind})`, async (t) => {
    const office = await openOffice(await open(t))
    const { certificate } = await createIdentityProviderKey({ now })
    const validUntil = new Date(now.getTime() + 29.5 * dayMs)
    const provider = { entityId: 'https://idp.example', baseUrl: 'https://idp.example', certificate }
    const text = writeIdentityProviderMetadata(provider, { validUntil })
    await office.run('organization.create', { id: 'company-a' })
    await office.run('connection.add', { id: 'company-a', metadata: { text } })
    await office.run('key.next', {})
    const { findings } = await office.run('connection.test', { id: 'company-a' })
    const found = findings.find(({ check }) => check === 'validUntil')
    assert.deepEqual(found, {
      level: 'warning',
      check: 'validUntil',
      message: 'The metadata ends in 29 days: import it again.',
    })
    const expiries = await listExpiries(office.deps.directory)
    assert.deepEqual(
      expiries.map(({ kind: what, connection, purpose }) => [what, connection ?? purpose]),
      [
        ['signing-certificate', 'company-a'],
        ['metadata', 'company-a'],
        ['own-key', 'saml-signing'],
        ['own-key', 'saml-encryption'],
      ],
    )
    const metrics = createMetrics({ now: () => now })
    metrics.expiriesRead(expiries)
    const read = await metrics.registry.metrics()
    assert.match(read, /^latchkey_expiry_days\{kind="metadata",connection="company-a",purpose=""\} 29\.5$/m)
    for (const purpose of ['saml-signing', 'saml-encryption']) {
      assert.match(
        read,
        new RegExp(`^latchkey_expiry_days\\{kind="own-key",connection="",purpose="${purpose}"\\} \\d+`, 'm'),
      )
    }
  })
})
