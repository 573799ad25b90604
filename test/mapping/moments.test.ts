import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DateFormat } from '../../src/directory/mapping-settings.ts'
import { parseMoment } from '../../src/mapping/moments.ts'

const read: readonly (readonly [DateFormat, string, string, string?])[] = [
  ['iso-8601', '2027-01-31T18:00:00Z', '2027-01-31T18:00:00.000Z'],
  ['iso-8601', '2027-01-31T18:00:00+01:00', '2027-01-31T17:00:00.000Z', 'America/New_York'],
  ['iso-8601', '2027-01-31T18:00:00', '2027-01-31T17:00:00.000Z', 'Europe/Berlin'],
  ['iso-8601', '2027-07-31T18:00:00', '2027-07-31T16:00:00.000Z', 'Europe/Berlin'],
  ['iso-8601', '2027-01-31T18:00:00', '2027-01-31T12:15:00.000Z', 'Asia/Kathmandu'],
  // Clocks are set back: 02:30 comes twice, and the first one counts.
  ['iso-8601', '2027-10-31T02:30:00', '2027-10-31T00:30:00.000Z', 'Europe/Berlin'],
  ['iso-8601', '2027-10-31T03:30:00', '2027-10-31T02:30:00.000Z', 'Europe/Berlin'],
  ['epoch-seconds', '1801418400', '2027-01-31T18:00:00.000Z'],
  ['epoch-seconds', ' 0 ', '1970-01-01T00:00:00.000Z'],
  ['epoch-seconds', '253402300799', '9999-12-31T23:59:59.000Z'],
  ['epoch-milliseconds', '1801418400123', '2027-01-31T18:00:00.123Z'],
  ['ldap-generalized-time', '20270131180000Z', '2027-01-31T18:00:00.000Z'],
  ['ldap-generalized-time', '202701311800Z', '2027-01-31T18:00:00.000Z'],
  ['ldap-generalized-time', '2027013118Z', '2027-01-31T18:00:00.000Z'],
  ['ldap-generalized-time', '20270131180000.5Z', '2027-01-31T18:00:00.500Z'],
  ['ldap-generalized-time', '20270131180000+0100', '2027-01-31T17:00:00.000Z'],
  ['ldap-generalized-time', '20270131180000-05', '2027-01-31T23:00:00.000Z'],
  ['ldap-generalized-time', '20270131180000', '2027-01-31T17:00:00.000Z', 'Europe/Berlin'],
  ['ad-file-time', '134458920000000000', '2027-01-31T18:00:00.000Z'],
  ['ad-file-time', '116444736000000000', '1970-01-01T00:00:00.000Z'],
]
for (const [format, text, wanted, zone] of read) {
  test(`parseMoment() reads ${text} as ${format}${zone === undefined ? '' : ` in ${zone}`}`, () => {
    const moment = parseMoment(text, format, zone)
    assert.equal(moment instanceof Date ? moment.toISOString() : moment, wanted)
  })
}

for (const text of ['0', '9223372036854775807']) {
  test(`parseMoment() reads the file time ${text} as never`, () => {
    assert.equal(parseMoment(text, 'ad-file-time'), 'never')
  })
}

const unread: readonly (readonly [DateFormat, string, string?])[] = [
  ['iso-8601', '1801418400'],
  ['iso-8601', '2027-01-31T18:00:00'],
  ['iso-8601', '2027-01-31', 'Europe/Berlin'],
  // Clocks are set forward: nobody ever sees 02:30.
  ['iso-8601', '2027-03-28T02:30:00', 'Europe/Berlin'],
  ['epoch-seconds', '2027-01-31T18:00:00Z'],
  ['epoch-seconds', '-1'],
  ['epoch-seconds', '1801418400.5'],
  // Milliseconds where seconds were declared.
  ['epoch-seconds', '1801418400000'],
  ['epoch-seconds', '999999999999'],
  ['iso-8601', '0000-06-01T00:00:00Z'],
  ['iso-8601', '0001-01-01T00:00:00+01:00'],
  ['ldap-generalized-time', '00000601000000Z'],
  ['epoch-milliseconds', '0x10'],
  ['epoch-milliseconds', '999999999999999'],
  ['ldap-generalized-time', '20270230180000Z'],
  ['ldap-generalized-time', '20270131180000'],
  ['ldap-generalized-time', '20270131T180000Z'],
  ['ldap-generalized-time', '202701311800.5Z'],
  ['ad-file-time', 'never'],
  ['ad-file-time', '-1'],
  ['ad-file-time', '9223372036854775806'],
  ['ad-file-time', '92233720368547758070'],
]
for (const [format, text, zone] of unread) {
  test(`parseMoment() reads no ${format} from ${text}${zone === undefined ? '' : ` in ${zone}`}`, () => {
    assert.equal(parseMoment(text, format, zone), undefined)
  })
}
