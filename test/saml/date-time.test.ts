import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDateTime } from '../../src/saml/date-time.ts'

const understood: readonly (readonly [text: string, wanted: string])[] = [
  ['2026-01-31T23:59:59Z', '2026-01-31T23:59:59.000Z'],
  ['2026-01-31T23:59:59.1Z', '2026-01-31T23:59:59.100Z'],
  ['2026-01-31T23:59:59.9999999Z', '2026-01-31T23:59:59.999Z'],
  ['2026-01-31T23:59:59+02:00', '2026-01-31T21:59:59.000Z'],
  ['2026-01-31T23:59:59.5-05:30', '2026-02-01T05:29:59.500Z'],
  ['2024-02-29T00:00:00Z', '2024-02-29T00:00:00.000Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
  ['0100-01-01T00:00:00Z', '0100-01-01T00:00:00.000Z'],
]

for (const [text, wanted] of understood) {
  test(`parseDateTime() understands ${text}`, () => assert.equal(parseDateTime(text)?.toISOString(), wanted))
}

const refused = [
  '',
  'now',
  '2026-01-31',
  '2026-01-31T23:59:59',
  '2026-01-31 23:59:59Z',
  '2026-01-31T23:59Z',
  '2026-1-31T23:59:59Z',
  '2026-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-01T00:00:00Z',
  '2026-01-31T24:00:00Z',
  '2026-12-31T23:59:60Z',
  '2026-01-31T23:59:59.Z',
  '2026-01-31T23:59:59+15:00',
  '2026-01-31T23:59:59+01:60',
  '2026-01-31T23:59:59+0100',
  '12026-01-31T23:59:59Z',
  '-0001-01-31T23:59:59Z',
  '2026-01-31T23:59:59Z\n',
  '0001-01-31T23:59:59Z',
]

for (const text of refused) {
  test(`parseDateTime() does not understand ${JSON.stringify(text)}`, () =>
    assert.equal(parseDateTime(text), undefined))
}
