import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NameId } from '../../src/saml/verified-assertion.ts'
import { type Attributes, formats, subjectOf } from './fixtures.ts'

const keyOf = (nameId: Partial<NameId> | null) => subjectOf({}, {}, nameId).subjectKey
const byBadge = { subjectKey: { attribute: 'badge' } }
const keyByBadge = (attributes: Attributes) => subjectOf(attributes, byBadge).subjectKey

const different: Readonly<Record<string, readonly [Partial<NameId>, Partial<NameId>]>> = {
  value: [{ value: 'a' }, { value: 'b' }],
  'case of the value': [{ value: 'abc' }, { value: 'Abc' }],
  'white space': [{ value: 'abc' }, { value: 'abc ' }],
  'Unicode form': [{ value: 'é' }, { value: 'e\u0301' }],
  format: [{ value: 'a' }, { value: 'a', format: formats.unspecified }],
  NameQualifier: [{ nameQualifier: 'x' }, { nameQualifier: 'y' }],
  SPNameQualifier: [{ spNameQualifier: 'x' }, {}],
  'place of a qualifier': [{ nameQualifier: 'x' }, { spNameQualifier: 'x' }],
  'quotes inside': [{ value: 'a","b' }, { value: 'a', format: 'b' }],
}
for (const [what, [one, other]] of Object.entries(different)) {
  test(`another ${what} of the NameID is another person`, () => {
    assert.notEqual(keyOf(one), keyOf(other))
  })
}

test('only an e-mail NameID is compared in normal form', () => {
  const format = formats.emailAddress
  assert.equal(keyOf({ value: 'Jo@A.example ', format }), keyOf({ value: 'jo@a.example', format }))
  assert.equal(keyOf({ value: 'JOS\u00c9@a', format }), keyOf({ value: 'jose\u0301@a', format }))
  assert.notEqual(
    keyOf({ value: 'Jo@a.example', format: formats.unspecified }),
    keyOf({ value: 'jo@a.example', format }),
  )
})

test('the same NameID gives the same key, whatever else arrives', () => {
  assert.equal(keyOf({}), subjectOf({ mail: 'new@a.example', uid: 'renamed' }).subjectKey)
})

test('a transient NameID is refused, unless an attribute is the key', () => {
  const transient = { value: '_t', format: formats.transient }
  assert.throws(() => keyOf(transient), { code: 'subject_key_transient' })
  assert.equal(subjectOf({ badge: '1' }, byBadge, transient).subjectKey, keyByBadge({ badge: '1' }))
})

test('a missing or empty NameID is refused, unless an attribute is the key', () => {
  assert.throws(() => keyOf(null), { code: 'subject_key_missing' })
  assert.throws(() => keyOf({ value: ' ' }), { code: 'subject_key_missing' })
  assert.ok(subjectOf({ badge: '1' }, byBadge, null).subjectKey)
})

test('a key attribute is compared byte for byte and never equals a NameID', () => {
  assert.notEqual(keyByBadge({ badge: 'a' }), keyByBadge({ badge: 'A' }))
  assert.notEqual(keyByBadge({ badge: 'p-4711' }), keyOf({}))
  assert.equal(keyByBadge({ badge: ['a', 'a'] }), keyByBadge([{ name: 'x', friendlyName: 'badge', values: ['a'] }]))
})

test('a key attribute that is missing, empty or differs in case is refused with the names that arrived', () => {
  assert.throws(() => keyByBadge({ badge: '  ' }), { code: 'subject_key_missing' })
  assert.throws(() => keyByBadge({ Badge: '1', mail: 'm@a.example' }), {
    code: 'subject_key_missing',
    detail: {
      check: 'subject key',
      wanted: 'badge',
      arrived: 'nothing of this name',
      arrivedAttributes: ['Badge', 'mail'],
      advice: 'Badge did arrive: names are compared with upper and lower case.',
    },
  })
})

test('a key attribute with several values is refused', () => {
  assert.throws(() => keyByBadge({ badge: ['1', '2'] }), { code: 'subject_key_invalid' })
})

test('a key that is too long or contains control characters is refused', () => {
  assert.throws(() => keyOf({ value: 'x'.repeat(2048) }), { code: 'subject_key_invalid' })
  assert.throws(() => keyOf({ value: 'a\u0000b' }), { code: 'subject_key_invalid' })
  assert.throws(() => keyByBadge({ badge: 'a\u0085b' }), { code: 'subject_key_invalid' })
})
