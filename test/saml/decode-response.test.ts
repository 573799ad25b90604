import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decodeResponse } from '../../src/saml/index.ts'

const encode = (text: string) => Buffer.from(text).toString('base64')

test('decodeResponse() reads base64 with any white space', () => {
  const field = encode('<a>h\u00e9\u{1f511}</a>')
  const wrapped = field.replace(/(.{7})/g, '$1\r\n')
  assert.equal(decodeResponse(field).xml, '<a>h\u00e9\u{1f511}</a>')
  assert.equal(decodeResponse(` \t${wrapped}\n`).xml, '<a>h\u00e9\u{1f511}</a>')
})

test('decodeResponse() drops one byte order mark', () => {
  assert.equal(decodeResponse(encode('\ufeff<a/>')).xml, '<a/>')
  assert.equal(decodeResponse(encode('\ufeff\ufeff<a/>')).xml, '\ufeff<a/>')
})

const field = encode('<abc/>x')
const malformed: readonly (readonly [name: string, field: string])[] = [
  ['nothing', ''],
  ['white space only', ' \n'],
  ['a truncated field', field.slice(0, -1)],
  ['missing padding', field.replace(/=+$/, '')],
  ['too much padding', `${field}=`],
  ['padding only', '===='],
  ['three pads', 'A==='],
  ['padding in the middle', `QQ==${encode('<a/>')}`],
  ['URL-safe base64', Buffer.from([0xfb, 0xff, 0xfe]).toString('base64url')],
  ['a character that is not base64', 'AAA!'],
  ['many characters that are not base64', '!!!!'],
  ['a NUL', 'AAA\0'],
  ['a no-break space', 'AAAA\u00a0AAA'],
  ['letters that are not ASCII', 'AA\u0100A'],
  ['letters whose low byte is one of base64', 'AAA\u0141'],
  ['full-width letters', '\uff21AAA'],
  ['XML that is not encoded', '<samlp:Response/>'],
  ['invalid UTF-8', Buffer.from([0x3c, 0x61, 0xff, 0x2f, 0x3e]).toString('base64')],
  ['overlong UTF-8', Buffer.from([0xc0, 0xbc]).toString('base64')],
  ['an encoded surrogate', Buffer.from([0xed, 0xa0, 0x80]).toString('base64')],
]

for (const [name, text] of malformed) {
  test(`decodeResponse() refuses ${name}`, () => {
    assert.throws(() => decodeResponse(text), { code: 'saml_malformed' })
  })
}

test('decodeResponse() refuses more than 256 KiB before it decodes', () => {
  assert.equal(decodeResponse('A'.repeat(256 * 1024)).xml.length, 192 * 1024)
  assert.throws(() => decodeResponse('!'.repeat(256 * 1024 + 1)), { code: 'saml_too_large' })
})
