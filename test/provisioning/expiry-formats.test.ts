import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { dateFormats } from '../../src/directory/mapping-settings.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, organizationId } from '../support/sign-in-world.ts'
import { applied, nobody, plan, subjectOf } from './fixtures.ts'

const moment = new Date('2027-01-31T18:00:00Z')
const written = {
  'iso-8601': '2027-01-31T18:00:00Z',
  'epoch-seconds': '1801418400',
  'epoch-milliseconds': '1801418400000',
  'ldap-generalized-time': '20270131180000Z',
  'ad-file-time': '134458920000000000',
} as const
const never = '9223372036854775807'

for (const expiryFormat of dateFormats) {
  test(`demand 16: the end of an account is read as ${expiryFormat} where that is declared, and as nothing else`, () => {
    for (const [format, text] of Object.entries(written)) {
      const read = () => subjectOf({ 'account-expiry-time': text }, { expiryFormat }).accountExpiresAt
      if (format === expiryFormat) assert.deepEqual(read(), moment)
      else assert.throws(read, { code: 'attribute_invalid' })
    }
    assert.throws(() => subjectOf({ 'account-expiry-time': 'soon' }, { expiryFormat }), { code: 'attribute_invalid' })
  })
}

test('demand 16: a number that is long ago was counted from another moment or in another unit, and refuses', () => {
  const read = (expiryFormat: (typeof dateFormats)[number], text: string) =>
    subjectOf({ 'account-expiry-time': text }, { expiryFormat }).accountExpiresAt
  for (const [format, last] of [
    ['epoch-seconds', '99999999'],
    ['epoch-milliseconds', '99999999999'],
    ['ad-file-time', '117444735999999999'],
  ] as const) {
    assert.throws(() => read(format, last), { code: 'attribute_invalid' })
    assert.throws(() => read(format, '1'), { code: 'attribute_invalid' })
    assert.deepEqual(read(format, String(BigInt(last) + 1n)), new Date('1973-03-03T09:46:40Z'))
  }
  assert.throws(() => read('epoch-seconds', '0'), { code: 'attribute_invalid' })
  assert.deepEqual(read('iso-8601', '1970-01-01T00:00:00Z'), new Date(0))
})

test('demand 16: an end without a time zone is read in the declared one, and refused without', () => {
  const local = { 'account-expiry-time': '2027-01-31T19:00:00' }
  assert.deepEqual(subjectOf(local, { expiryTimeZone: 'Europe/Berlin' }).accountExpiresAt, moment)
  assert.throws(() => subjectOf(local), { code: 'attribute_invalid' })
})

test('demand 16: an end that never comes takes the end away, once', () => {
  const settings: ConnectionSettingsInput = { expiryFormat: 'ad-file-time' }
  const before = applied(nobody, plan(nobody, { 'account-expiry-time': written['ad-file-time'] }, settings))
  assert.deepEqual(before.account?.expiresAt, moment)
  const next = plan(before, { 'account-expiry-time': never }, settings)
  assert.equal(next.after.expiresAt, undefined)
  assert.equal(next.writes.expiresAt, null)
  assert.deepEqual(next.writes.auditEvents[0]?.detail, { fields: [], expiresAt: 'never' })
  const again = plan(applied(before, next), { 'account-expiry-time': '0' }, settings)
  assert.deepEqual([again.changes, 'expiresAt' in again.writes], [false, false])
})

forEachDatabase((kind, open) => {
  test(`demand 16: an end in AD file time is kept, and taken away by one that means never (${kind})`, async (t) => {
    const settings: ConnectionSettingsInput = { expiryFormat: 'ad-file-time', allowIdpInitiated: true }
    const world = await createSignInWorld((await open(t)).pool, settings)
    const signIn = (end: string) => {
      const person = { ...nina, attributes: { ...nina.attributes, 'account-expiry-time': end } }
      return completeSignIn({ connectionId, samlResponse: world.issue(person) }, world.deps)
    }
    const expiresAt = async () => (await world.directory.findAccount(organizationId, 'nina'))?.account.expiresAt
    // Thirty years on: the clock of this test is the real one.
    await signIn('144458920000000000')
    assert.deepEqual(await expiresAt(), new Date(14445892000000 - 11644473600000))
    await signIn(never)
    assert.equal(await expiresAt(), undefined)
    await assert.rejects(signIn('2050-01-01T00:00:00Z'), { code: 'attribute_invalid' })
    await assert.rejects(signIn('1801418400'), { code: 'attribute_invalid' })
    await assert.rejects(signIn('132223104000000000'), { code: 'account_expired' })
  })
})
