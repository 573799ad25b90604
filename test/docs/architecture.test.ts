import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { packageRoot } from '../../src/package-root.ts'

const text = readFileSync(new URL('ARCHITECTURE.md', packageRoot), 'utf8')

test('ARCHITECTURE.md has a line for every folder of src/, and for none that is not there', () => {
  const described = [...text.matchAll(/^\| `src\/([a-z-]+)\/` +\|/gm)].map(([, name]) => name).sort()
  const folders = readdirSync(new URL('src', packageRoot), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
  assert.deepEqual(described, folders)
})

test('every file that ARCHITECTURE.md names is there', () => {
  const named = [...text.matchAll(/`((?:src\/|tools\/)?[a-z-]+(?:\/[a-z-]+)*\.(?:ts|mjs))`/g)].map(
    ([, path = '']) => path,
  )
  assert.ok(named.length > 10)
  for (const path of named) {
    const found = [path, `src/${path}`].some((candidate) => existsSync(new URL(candidate, packageRoot)))
    assert.ok(found, path)
  }
})
