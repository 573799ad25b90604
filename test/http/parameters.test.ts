import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readParameters, readQuery } from '../../src/http/parameters.ts'

test('readParameters() decodes what is asked for', () => {
  const form = readParameters('a=1+2&b=%C3%A4%26&empty=&bare&%63=x')
  assert.deepEqual(
    ['a', 'b', 'empty', 'bare', 'c', 'missing'].map((name) => form.find(name)),
    ['1 2', 'ä&', '', '', 'x', undefined],
  )
  assert.equal(readQuery('/path?x=%2F?').find('x'), '/?')
  assert.equal(readQuery('/path').find('x'), undefined)
})

test('readParameters() refuses a value that is repeated, badly encoded, missing or one of too many', () => {
  const refused = { code: 'request_invalid' }
  assert.throws(() => readParameters('a=1&a=1').find('a'), refused)
  assert.throws(() => readParameters('a=1&%61=2').find('a'), refused)
  for (const text of ['a=%', 'a=%zz', 'a=%ff', 'a=%ed%a0%80'])
    assert.throws(() => readParameters(text).find('a'), refused)
  assert.throws(() => readParameters('').get('a'), refused)
  assert.throws(() => readParameters('a=').get('a'), refused)
  assert.throws(() => readParameters('&'.repeat(64)), refused)
  assert.equal(readParameters('&'.repeat(63)).find('a'), undefined)
})

test('readParameters() leaves alone what nobody asks for', () => {
  assert.equal(readParameters('a=1&b=%zz&%zz=1&b=2').find('a'), '1')
})
