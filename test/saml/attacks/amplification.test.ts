import assert from 'node:assert/strict'
import { test } from 'node:test'
import { canonicalize } from '../../../src/saml/xml/canonicalize.ts'
import { scan } from '../../../src/saml/xml/scan.ts'
import { messageRules } from '../../../src/saml/xml/scan-rules.ts'
import { issue, refusalOf } from './good-message.ts'

// A short message whose canonical form is very long. Whoever can sign in has a valid SignedInfo, and what it signs is written
// out in canonical form before its digest can be compared: found by fuzzing.

/** A namespace declared once, far outside, and used by thousands of elements that must each declare it again. */
function amplifying(uri: string): string {
  const { xml } = issue()
  const elements = '<x:b/>'.repeat(9000)
  return xml
    .replace('<samlp:Response ', `<samlp:Response xmlns:x="${uri}" `)
    .replace('<saml:Subject>', `${elements}<saml:Subject>`)
}

test('a canonical form that outgrows the message is given up', () => {
  const { code, detail } = refusalOf(amplifying(`urn:${'a'.repeat(1000)}`))
  assert.equal(code, 'saml_limits_exceeded')
  assert.equal(detail.check, 'canonical form')
})

test('a namespace of a hundred thousand characters is refused before', () => {
  const { code, detail } = refusalOf(amplifying(`urn:${'a'.repeat(100_000)}`))
  assert.equal(code, 'saml_limits_exceeded')
  assert.equal(detail.arrived, 'the URI of a namespace is too long')
})

test('canonicalize() writes hardly more than its bound', () => {
  const { root } = scan(`<r xmlns:x="urn:${'a'.repeat(1000)}">${'<x:b/>'.repeat(9000)}</r>`, messageRules)
  assert.throws(() => canonicalize(root), { name: 'CanonicalFormTooLong' })
  assert.equal(
    canonicalize(root, { maxCharacters: 10_000_000 }).length,
    7 + 9000 * `<x:b xmlns:x="urn:${'a'.repeat(1000)}"></x:b>`.length,
  )
})
