import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configurationDocument } from '../../src/config/configuration-document.ts'
import { packageRoot } from '../../src/package-root.ts'

test('docs/configuration.md says what the code does (npm run docs writes it)', () => {
  assert.equal(readFileSync(new URL('docs/configuration.md', packageRoot), 'utf8'), configurationDocument())
})
