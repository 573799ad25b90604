import assert from 'node:assert/strict'
import { test } from 'node:test'
import { issue, refusalOf, verify } from './good-message.ts'

// One thing that does not belong into a message, in every place where it could stand: between any two tags, in the middle of
// any text, in any attribute's value, inside any tag.

const good = issue({ sign: 'both' }).xml
const tokens = good.match(/<[^>]*>|[^<]+/g) ?? []
assert.equal(verify(tokens.join('')).nameId?.value, 'nina-7f3k')

interface Place {
  readonly at: number
  readonly where: 'between' | 'text' | 'value' | 'tag'
  readonly put: (what: string) => string
}

function* places(): Generator<Place> {
  let at = 0
  for (const token of tokens) {
    const start = at
    yield insertAt('between', start)
    if (!token.startsWith('<')) yield insertAt('text', start + Math.floor(token.length / 2))
    for (const quote of token.startsWith('<') ? token.matchAll(/="/g) : [])
      yield insertAt('value', start + quote.index + 2)
    if (/^<[\w]/.test(token)) yield insertAt('tag', start + token.search(/[\s>]/))
    at += token.length
  }
  yield insertAt('between', at)
}

function insertAt(where: Place['where'], at: number): Place {
  return { at, where, put: (what) => good.slice(0, at) + what + good.slice(at) }
}

const everywhere = [...places()]
for (const where of ['between', 'text', 'value', 'tag']) {
  assert.ok(everywhere.filter((place) => place.where === where).length >= 10, where)
}

/** Each place's code, `<` in a value or a tag being no XML at all. */
const intruders: readonly (readonly [name: string, what: string, between: string, inValueOrTag: string])[] = [
  ['a comment', '<!-- -->', 'saml_comment_not_allowed', 'saml_malformed'],
  ['an empty comment', '<!---->', 'saml_comment_not_allowed', 'saml_malformed'],
  ['a processing instruction', '<?x y?>', 'saml_processing_instruction_not_allowed', 'saml_malformed'],
  ['a document type', '<!DOCTYPE x>', 'saml_doctype_not_allowed', 'saml_malformed'],
  ['a document type with an entity', '<!DOCTYPE x [<!ENTITY e "eve">]>', 'saml_doctype_not_allowed', 'saml_malformed'],
  ['an entity that nobody declared', '&e;', 'saml_malformed', 'saml_malformed'],
  ['a reference without end', '&#65', 'saml_malformed', 'saml_malformed'],
  ['a reference to NUL', '&#0;', 'saml_malformed', 'saml_malformed'],
  ['a reference to half of a surrogate pair', '&#xD83D;', 'saml_malformed', 'saml_malformed'],
  ['references to both halves of a surrogate pair', '&#xD83D;&#xDE00;', 'saml_malformed', 'saml_malformed'],
  ['a reference beyond Unicode', '&#x110000;', 'saml_malformed', 'saml_malformed'],
  ['a noncharacter', '\uffff', 'saml_malformed', 'saml_malformed'],
  ['NUL', '\0', 'saml_malformed', 'saml_malformed'],
  ['a control character', '\u001b', 'saml_malformed', 'saml_malformed'],
  ['the end of a CDATA section', ']]>', 'saml_malformed', 'saml_malformed'],
  ['half a tag', '<a', 'saml_malformed', 'saml_malformed'],
  ['an end tag', '</a>', 'saml_malformed', 'saml_malformed'],
]

for (const [name, what, between, inValueOrTag] of intruders) {
  test(`${name} is refused in every place of a message`, () => {
    for (const { at, where, put } of everywhere) {
      const { code } = refusalOf(put(what))
      if (code === (where === 'value' || where === 'tag' ? inValueOrTag : between)) continue
      // The end of a CDATA section means nothing in a value: the signature says what is wrong there.
      const isText = where === 'value' && what === ']]>'
      assert.ok(isText && code !== 'saml_malformed', `${code} at ${where}: ${good.slice(at - 40, at)}HERE`)
    }
  })
}

test('bytes that are no UTF-8 are refused in every place of a message', () => {
  for (const bytes of [[0xff], [0xc3], [0xc0, 0xbc], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
    for (const { put } of everywhere) {
      const [before = '', after = ''] = put('\0').split('\0')
      const message = Buffer.concat([Buffer.from(before), Buffer.from(bytes), Buffer.from(after)])
      const { code, detail } = refusalOf(message)
      assert.deepEqual([code, detail.wanted], ['saml_malformed', 'UTF-8'])
    }
  }
})

test('a byte order mark in front is dropped', () => {
  assert.equal(verify(`\ufeff${good}`).nameId?.value, 'nina-7f3k')
})

// The outer signature's own KeyInfo is all that no signature covers, and nobody reads it.
const keyInfo = { start: good.indexOf('<ds:KeyInfo>'), end: good.indexOf('</ds:KeyInfo>') }

test('what an attacker adds to a message that is signed as a whole is refused in every place, or read by nobody', () => {
  for (const what of ['<x xmlns="urn:x"/>', 'eve', '<![CDATA[eve]]>', '&#101;ve', '\ufeff']) {
    for (const { at, put } of everywhere.slice(1)) {
      if (at > keyInfo.start && at <= keyInfo.end) continue
      assert.ok(refusalOf(put(what)).code.startsWith('saml_'), `${what} after ${good.slice(at - 40, at)}`)
    }
  }
})
