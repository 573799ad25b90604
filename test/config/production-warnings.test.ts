import assert from 'node:assert/strict'
import { test } from 'node:test'
import { productionWarnings } from '../../src/config/production-warnings.ts'
import { freezeSettings, type SettingValues } from '../../src/config/settings.ts'

const safe: SettingValues = {
  publicUrl: 'https://login.example',
  databaseUrl: 'postgres://db.example/latchkey?sslmode=verify-full',
  secret: Buffer.alloc(32),
}

test('productionWarnings() says nothing about settings that are safe', () => {
  assert.deepEqual(productionWarnings(freezeSettings(safe)), [])
})

for (const { name, values, says } of [
  { name: 'plain http', values: { publicUrl: 'http://login.example' }, says: /plain http/ },
  {
    name: 'a loopback public URL',
    values: { publicUrl: 'http://latchkey.localhost:8080' },
    says: /outside this machine/,
  },
  { name: 'a missing secret', values: { secret: undefined }, says: /No secret/ },
  { name: 'an unencrypted way to the database', values: { databaseUrl: 'postgres://db.example/x' }, says: /sslmode/ },
  { name: 'the embedded database', values: { databaseUrl: undefined }, says: /back the folder up/ },
  { name: 'a public listener without a proxy', values: { listenHost: '0.0.0.0' }, says: /ends TLS/ },
  { name: 'trust in every proxy', values: { trustedProxies: ['0.0.0.0/0'] }, says: /every address/ },
  { name: 'sessions of a month', values: { sessionAbsoluteSeconds: 2_592_000 }, says: /week/ },
] as const) {
  test(`productionWarnings() warns about ${name}`, () => {
    const present = Object.entries({ ...safe, ...values }).filter(([, value]) => value !== undefined)
    const warnings = productionWarnings(freezeSettings(Object.fromEntries(present)))
    assert.equal(warnings.length, 1)
    assert.match(warnings[0] ?? '', says)
  })
}
