import assert from 'node:assert/strict'
import { test } from 'node:test'
import { allowedReturnTo, returnToMaxBytes } from '../../src/access/return-to.ts'

const origins = {
  publicUrl: 'https://login.example',
  applicationOrigins: ['https://benefits.example', 'http://wiki.localhost:5600'],
}
const allowed = (text: string) => allowedReturnTo(text, origins)

const accepted: readonly [string, string][] = [
  ['/', 'https://login.example/'],
  ['/account?tab=1#x', 'https://login.example/account?tab=1#x'],
  ['/a//b', 'https://login.example/a//b'],
  ['/./a', 'https://login.example/a'],
  ['/a@b', 'https://login.example/a@b'],
  ['https://login.example', 'https://login.example/'],
  ['https://benefits.example/plans/7?x=1&y=%2F', 'https://benefits.example/plans/7?x=1&y=%2F'],
  ['https://benefits.example:443/plans', 'https://benefits.example/plans'],
  ['HTTPS://BENEFITS.EXAMPLE/Plans', 'https://benefits.example/Plans'],
  ['http://wiki.localhost:5600/page?q=http://evil.example', 'http://wiki.localhost:5600/page?q=http://evil.example'],
  ['/straße', 'https://login.example/stra%C3%9Fe'],
]
for (const [text, href] of accepted) {
  test(`allowedReturnTo() accepts ${text}`, () => assert.equal(allowed(text), href))
}

const refused: readonly string[] = [
  '',
  'account',
  '?x=1',
  '//evil.example',
  '///evil.example',
  '/\\evil.example',
  '\\\\evil.example',
  'https:\\\\login.example',
  'https:login.example',
  'https:/login.example',
  'https:///login.example',
  'https://evil.example/',
  'http://login.example/',
  'https://login.example.evil.example/',
  'https://login.example:8443/',
  'https://login.example@evil.example/',
  'https://evil.example@login.example/',
  'https://user:pass@login.example/',
  'https://@login.example/',
  'https://login.example\t.evil.example',
  ' https://login.example/',
  '/account\n',
  '/acc\u0000ount',
  '/a b',
  '/\u2028',
  '/\ud800',
  'javascript:alert(1)',
  'JaVaScRiPt://login.example/%0aalert(1)',
  'data:text/html,x',
  'ftp://login.example/',
  'null',
  'https://[::1',
]
for (const text of refused) {
  test(`allowedReturnTo() refuses ${JSON.stringify(text)}`, () => assert.equal(allowed(text), undefined))
}

test('allowedReturnTo() accepts a path of 8 KB less the origin, refuses a longer one', () => {
  const room = returnToMaxBytes - 'https://login.example'.length
  assert.equal(allowed(`/${'a'.repeat(room - 1)}`)?.length, returnToMaxBytes)
  assert.equal(allowed(`/${'a'.repeat(room)}`), undefined)
})

test('allowedReturnTo() counts the bytes of the normal form', () => {
  assert.equal(allowed(`/${'ä'.repeat(returnToMaxBytes / 4)}`), undefined)
})
