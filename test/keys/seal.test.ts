import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { seal, unseal } from '../../src/keys/seal.ts'

const secret = Buffer.alloc(32, 7)
const context = 'jwt:1'
const sealed = seal('top secret ö', { secret, context, randomBytes })

test('unseal() gives back what was sealed, and two seals of one text differ', () => {
  assert.equal(unseal(sealed, { secret, context }), 'top secret ö')
  assert.match(sealed, /^v1\.[\w-]{16}\.[\w-]{22}\.[\w-]+$/)
  assert.notEqual(seal('top secret ö', { secret, context, randomBytes }), sealed)
})

const changedAt = (position: number) =>
  sealed.slice(0, position) + (sealed[position] === 'A' ? 'B' : 'A') + sealed.slice(position + 1)

const refused: Readonly<Record<string, () => string>> = {
  'another secret': () => unseal(sealed, { secret: Buffer.alloc(32, 8), context }),
  'another context': () => unseal(sealed, { secret, context: 'jwt:2' }),
  'a changed nonce': () => unseal(changedAt(4), { secret, context }),
  'a changed tag': () => unseal(changedAt(21), { secret, context }),
  'a changed text': () => unseal(changedAt(45), { secret, context }),
  'another version': () => unseal(sealed.replace('v1', 'v2'), { secret, context }),
  'a shortened tag': () => unseal(sealed.replace(/^(v1\.[\w-]+\.[\w-]{6})[\w-]+/, '$1'), { secret, context }),
  'an empty text': () => unseal('', { secret, context }),
}
for (const [what, open] of Object.entries(refused)) {
  test(`unseal() refuses ${what}`, () => {
    assert.throws(open, { code: 'secret_wrong' })
  })
}

test('seal() and unseal() refuse a secret that is not 32 bytes', () => {
  const short = Buffer.alloc(31)
  assert.throws(() => seal('x', { secret: short, context, randomBytes }), { code: 'configuration_invalid' })
  assert.throws(() => unseal(sealed, { secret: short, context }), { code: 'configuration_invalid' })
})
