import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createRandomPool } from '../src/random.ts'

test('a pool of random bytes gives nobody what another one got, whatever the lengths', () => {
  const { take, nextUint32 } = createRandomPool()
  const secrets = Array.from({ length: 2000 }, () => take(32))
  assert.equal(new Set(secrets.map((secret) => secret.toString('hex'))).size, secrets.length)
  assert.ok(secrets.every((secret) => secret.length === 32 && secret.some((byte) => byte !== 0)))
  assert.ok(new Set(Array.from({ length: 2000 }, nextUint32)).size > 1990)
  const large = take(5000)
  assert.equal(large.length, 5000)
  assert.ok(large.subarray(4096).some((byte) => byte !== 0))
})

test('what was taken stays as it was when more is taken', () => {
  const { take } = createRandomPool()
  const first = take(32)
  const before = first.toString('hex')
  for (let times = 0; times < 500; times += 1) take(32)
  assert.equal(first.toString('hex'), before)
})
