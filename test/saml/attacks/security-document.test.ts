import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'

// SECURITY.md names the proof of each claim: the proof must be there.

const text = readFileSync('SECURITY.md', 'utf8')

test('SECURITY.md names files and folders that exist', () => {
  const paths = [...text.matchAll(/`((?:src|test|bench|docs)\/[^`*]*)`/g)].map(([, path]) => path ?? '')
  assert.ok(paths.length > 30)
  assert.deepEqual(
    paths.filter((path) => !existsSync(path)),
    [],
  )
})

test('SECURITY.md names fixtures that exist', () => {
  const fixtures = readdirSync('test/fixtures/saml')
  const lists = [...text.matchAll(/fixtures? ((?:`[^`]+`[, ]*\s*)+)/g)].map(([, list]) => list ?? '')
  const names = lists.flatMap((list) => [...list.matchAll(/`([\w-]+)(…?)`/g)])
  assert.ok(names.length > 30)
  for (const [, name = '', more] of names) {
    const exists = fixtures.some((fixture) => (more === '' ? fixture === name : fixture.startsWith(name)))
    assert.ok(exists, name)
  }
})
