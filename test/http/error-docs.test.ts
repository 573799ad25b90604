import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { errorEntries } from '../../src/errors.ts'
import { statusOf } from '../../src/http/status-of.ts'
import { packageRoot } from '../../src/package-root.ts'

const documented = [
  ...readFileSync(new URL('docs/errors.md', packageRoot), 'utf8').matchAll(/^\| `([a-z_]+)` \|/gm),
].map((match) => match[1])

test('docs/errors.md lists every code once, and no other', () => {
  assert.deepEqual(documented, Object.keys(errorEntries))
})

test('docs/errors.md is what its generator writes', () => {
  const generator = fileURLToPath(new URL('tools/make-error-docs.mjs', packageRoot))
  const { status, stderr } = spawnSync(process.execPath, [generator, '--check'], { encoding: 'utf8' })
  assert.equal(status, 0, stderr)
})

test('the table of statuses holds every code, and no other', () => {
  assert.deepEqual(Object.keys(statusOf).sort(), Object.keys(errorEntries).sort())
  for (const [code, status] of Object.entries(statusOf)) assert.ok(status >= 400 && status < 600, code)
})
