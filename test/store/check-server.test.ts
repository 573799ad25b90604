import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkServerFacts } from '../../src/store/check-server.ts'

test('a server before PostgreSQL 15, or one that does not store UTF8, is refused with what arrived', () => {
  for (const [versionNumber, encoding, arrived] of [
    [140_022, 'UTF8', 'version 14, encoding UTF8'],
    [90_624, 'UTF8', 'version 9, encoding UTF8'],
    [180_004, 'SQL_ASCII', 'version 18, encoding SQL_ASCII'],
    [150_018, 'LATIN1', 'version 15, encoding LATIN1'],
  ] as const) {
    assert.throws(
      () => checkServerFacts({ versionNumber, encoding }),
      (error: { code?: string; detail?: { arrived?: string } }) =>
        error.code === 'storage_version_unsupported' && error.detail?.arrived === arrived,
    )
  }
})

test('PostgreSQL 15 and later are accepted', () => {
  for (const versionNumber of [150_000, 150_018, 180_004]) checkServerFacts({ versionNumber, encoding: 'UTF8' })
})
