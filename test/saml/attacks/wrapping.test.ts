import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  aroundAssertion,
  encrypted,
  encryption,
  issue,
  person,
  refusalOf,
  type SplitElement,
  split,
  verify,
} from './good-message.ts'

// Signature wrapping: what was signed is kept somewhere, and an evil copy stands where it will be read. The eight forms of
// Somorovsky et al., "On Breaking SAML: Be Whoever You Want to Be" (2012), each for the response and for the assertion, the
// assertion in the clear, encrypted, and all together in one ciphertext. Nothing of the attacker's may ever come out.

const object = (inside: string) => `<ds:Object xmlns:ds="http://www.w3.org/2000/09/xmldsig#">${inside}</ds:Object>`
const extensions = (inside: string) => `<samlp:Extensions>${inside}</samlp:Extensions>`
const inSignature = (signature: string, inside: string) =>
  signature.replace('</ds:Signature>', `${inside}</ds:Signature>`)

/** What an attacker has: the signed element in parts, whole, and without its signature; and an evil copy of it. */
interface Loot {
  readonly good: string
  readonly original: string
  readonly signature: string
  readonly evil: (id: 'same' | 'other', parts?: { readonly first?: string; readonly last?: string }) => string
}

function lootOf(good: string, makeEvil: (body: string) => string): Loot {
  const { head, signature, body, end }: SplitElement = split(good)
  const evilBody = makeEvil(body)
  assert.notEqual(evilBody, body)
  return {
    good,
    signature,
    original: head + body + end,
    evil: (id, { first = '', last = '' } = {}) =>
      (id === 'same' ? head : head.replace(/ ID="[^"]*"/, ' ID="_evil"')) + first + evilBody + last + end,
  }
}

/** The assertions of a response that says nothing else; `extensions` stands before its status. */
interface Placed {
  readonly assertions: readonly string[]
  readonly extensions?: string
}

const assertionForms: Readonly<Record<string, (loot: Loot) => Placed>> = {
  '1: original in an Object of its signature, in evil': ({ evil, signature, original }) => ({
    assertions: [evil('other', { first: inSignature(signature, object(original)) })],
  }),
  '2: original in an Object beside its signature, in evil': ({ evil, signature, original }) => ({
    assertions: [evil('other', { first: object(original) + signature })],
  }),
  '3: evil before the signed one': ({ evil, good }) => ({ assertions: [evil('other'), good] }),
  '3: evil after the signed one': ({ evil, good }) => ({ assertions: [good, evil('other')] }),
  '4: signed one inside evil': ({ evil, good }) => ({ assertions: [evil('other', { last: good })] }),
  '5: signature in evil, original after it': ({ evil, signature, original }) => ({
    assertions: [evil('other', { first: signature }), original],
  }),
  '6: original in the signature of evil': ({ evil, signature, original }) => ({
    assertions: [evil('other', { first: inSignature(signature, original) })],
  }),
  '7: evil in Extensions': ({ evil, good }) => ({ assertions: [good], extensions: evil('other') }),
  '7: signed one in Extensions': ({ evil, good }) => ({ assertions: [evil('other')], extensions: good }),
  '8: original in an Object of evil with its ID': ({ evil, signature, original }) => ({
    assertions: [evil('same', { first: inSignature(signature, object(original)) })],
  }),
}

const { before, assertion, after } = aroundAssertion(issue().xml)
assert.equal(verify(before + assertion + after).nameId?.value, person.nameId)
assert.equal(verify(before + encrypted(assertion) + after).nameId?.value, person.nameId)
const ofAssertion = lootOf(assertion, (body) => body.replaceAll(person.nameId, 'eve'))

const place = (placed: Placed, write: (assertions: readonly string[]) => string) =>
  before.replace(
    '<samlp:Status>',
    `${placed.extensions === undefined ? '' : extensions(placed.extensions)}<samlp:Status>`,
  ) +
  write(placed.assertions) +
  after

/** Form 8 keeps the ID, and an ID names one element. */
const codeOf = (form: string) => (form.startsWith('8') ? 'saml_id_invalid' : 'saml_structure_invalid')

for (const [form, make] of Object.entries(assertionForms)) {
  const placed = make(ofAssertion)
  const ways = {
    'in the clear': place(placed, (assertions) => assertions.join('')),
    'each encrypted': place(placed, (assertions) => assertions.map(encrypted).join('')),
    'in one ciphertext': place(placed, (assertions) => encrypted(assertions.join(''))),
  }
  for (const [way, xml] of Object.entries(ways)) {
    test(`wrapping of the assertion, ${form}, ${way}`, () => {
      assert.equal(refusalOf(xml).code, codeOf(form))
    })
  }
}

test('wrapping of the assertion: an evil one alone, in the clear or encrypted, beside one that is the other way', () => {
  const evil = ofAssertion.evil('other')
  assert.equal(refusalOf(before + evil + after).code, 'saml_signature_missing')
  assert.equal(refusalOf(before + encrypted(evil) + after).code, 'saml_signature_missing')
  for (const assertions of [
    [evil, encrypted(assertion)],
    [encrypted(assertion), evil],
    [assertion, encrypted(evil)],
    [encrypted(evil), assertion],
  ]) {
    assert.equal(refusalOf(before + assertions.join('') + after).code, 'saml_structure_invalid')
  }
})

/** The root is always evil, or it would be no attack. */
const responseForms: Readonly<Record<string, (loot: Loot) => string>> = {
  '1: original in an Object of its signature': ({ evil, signature, original }) =>
    evil('other', { first: inSignature(signature, object(original)) }),
  '2: original in an Object beside its signature': ({ evil, signature, original }) =>
    evil('other', { first: object(original) + signature }),
  '3: signed one first in Extensions': ({ evil, good }) => evil('other', { first: extensions(good) }),
  '4: signed one inside evil': ({ evil, good }) => evil('other', { last: good }),
  '5: signature in evil, original at its end': ({ evil, signature, original }) =>
    evil('other', { first: signature, last: original }),
  '6: original in the signature of evil': ({ evil, signature, original }) =>
    evil('other', { first: inSignature(signature, original) }),
  '7: original in Extensions, its signature in evil': ({ evil, signature, original }) =>
    evil('other', { first: signature + extensions(original) }),
  '8: original in an Object of evil with its ID': ({ evil, signature, original }) =>
    evil('same', { first: inSignature(signature, object(original)) }),
}

/** What the evil response says is the attacker's own assertion, encrypted where the good one's is. */
const evilOne = assertion.replaceAll(person.nameId, 'eve').replace(/ ID="[^"]*"/, ' ID="_evilAssertion"')
const anyAssertion = /<saml:(?:Encrypted)?Assertion[\s\S]*<\/saml:(?:Encrypted)?Assertion>/

for (const way of ['in the clear', 'with its assertion encrypted'] as const) {
  const isClear = way === 'in the clear'
  const good = issue({ sign: 'response', ...(isClear ? {} : { encrypt: encryption }) }).xml
  assert.equal(verify(good).nameId?.value, person.nameId)
  const ofResponse = lootOf(good, (body) => body.replace(anyAssertion, isClear ? evilOne : encrypted(evilOne)))
  for (const [form, make] of Object.entries(responseForms)) {
    test(`wrapping of the response, ${form}, ${way}`, () => {
      assert.equal(refusalOf(make(ofResponse)).code, codeOf(form))
    })
  }
}
