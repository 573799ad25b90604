import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isGood, type Outcome, writeTable } from './table.ts'

const pass: Outcome = { kind: 'pass' }
const cannot: Outcome = { kind: 'cannot', reason: 'it has no logout' }
const fail: Outcome = { kind: 'fail', reason: 'saml_expired' }
const checks = ['begun here', 'logout']

test('writeTable() shows a product to a line, and below it why a check did not pass', () => {
  const rows = [
    { product: 'one', outcomes: { 'begun here': pass, logout: cannot } },
    { product: 'another', outcomes: { 'begun here': fail } },
  ]
  assert.equal(
    writeTable(rows, checks),
    [
      '         begun here  logout',
      'one      pass        the product cannot',
      'another  fail        not run',
      '',
      'one, logout: it has no logout',
      'another, begun here: saml_expired',
      '',
    ].join('\n'),
  )
})

const verdicts = [
  { name: 'all passed', outcomes: { 'begun here': pass, logout: pass }, good: true },
  { name: 'the product cannot', outcomes: { 'begun here': pass, logout: cannot }, good: true },
  { name: 'one failed', outcomes: { 'begun here': pass, logout: fail }, good: false },
  { name: 'one was not run', outcomes: { 'begun here': pass }, good: false },
]

for (const { name, outcomes, good } of verdicts) {
  test(`isGood() is ${good} when ${name}`, () => {
    const passed = { product: 'another', outcomes: { 'begun here': pass, logout: pass } }
    assert.equal(isGood([passed, { product: 'one', outcomes }], checks), good)
  })
}
