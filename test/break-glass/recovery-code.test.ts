import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { createPace } from '../../src/break-glass/pace.ts'
import { newRecoveryCode, readRecoveryCode } from '../../src/break-glass/recovery-code.ts'

const secret = Buffer.alloc(32, 5)
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

test('a recovery code is read however it is written, and holds every bit it was made of', () => {
  const given = Buffer.from('000102030405f9fafbfcfdfe', 'hex')
  const asked: number[] = []
  const { text, codeHash } = newRecoveryCode(secret, (size) => {
    asked.push(size)
    return given
  })
  assert.deepEqual(asked, [12], '96 random bits')
  assert.match(text, /^(?:[0-9A-HJKMNP-TV-Z]{6}-){3}[0-9A-HJKMNP-TV-Z]{6}$/)
  const spellings = [text, text.toLowerCase(), text.replaceAll('-', ''), ` ${text.replaceAll('-', ' ')}\n`]
  for (const spelling of [...spellings, text.replaceAll('0', 'o').replaceAll('1', 'l'), text.replaceAll('1', 'I')]) {
    assert.equal(readRecoveryCode(spelling, secret), codeHash, spelling)
  }
})

test('a code of another installation, a slip of the pen or any other text is no code', () => {
  const { text } = newRecoveryCode(secret, randomBytes)
  assert.equal(readRecoveryCode(text, Buffer.alloc(32, 6)), undefined)
  const plain = text.replaceAll('-', '')
  for (let at = 0; at < plain.length; at++) {
    const other = alphabet[(alphabet.indexOf(plain[at] ?? '') + 7) % 32]
    assert.equal(readRecoveryCode(`${plain.slice(0, at)}${other}${plain.slice(at + 1)}`, secret), undefined, `${at}`)
  }
  for (const wrong of ['', plain.slice(1), `${plain}0`, 'U'.repeat(24), '💥'.repeat(12), 'x'.repeat(100_000)]) {
    assert.equal(readRecoveryCode(wrong, secret), undefined)
  }
})

test('a pace counts each and all by the minute, and remembers no more than all', () => {
  const pace = createPace({ each: 2, all: 3 })
  const at = new Date('2026-03-01T12:00:10Z')
  const takes = (key: string, when = at) => pace.take(key, when)
  assert.deepEqual(
    ['a', 'a', 'a', 'b', 'b', 'c'].map((key) => takes(key)),
    [true, true, false, true, false, false],
  )
  assert.equal(takes('c', new Date('2026-03-01T12:01:00Z')), true)
})
