import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cleanNote } from '../../src/admin/clean-note.ts'

const cases: readonly (readonly [name: string, written: string, kept: string])[] = [
  ['line ends of any kind', 'a\r\nb\rc\u2028d\u2029e\vf', 'a\nb\nc\nd\ne\nf'],
  ['control characters', 'a\u0000b\u001b[2Jc\u007fd\u009be', 'ab[2Jcde'],
  ['what turns the direction', '\u202eabc\u202d\u2066\u2067\u2068\u2069\u061c\u200e\u200f', 'abc'],
  ['what is not seen', 'p\u00ada\u200by\ufeff\u{e0041}\u2060', 'pay'],
  ['halves of characters', 'a\ud800b\udc00c', 'abc'],
  ['joiners of scripts and families', 'नमस्\u200dते 👩\u200d👧', 'नमस्\u200dते 👩\u200d👧'],
  ['towers of accents', `z${'\u0301'.repeat(300)}`, 'ź\u0301\u0301\u0301\u0301'],
  ['room at the ends', '  a  \n\n\n\n\tb \n', 'a\n\n b'],
  ['one way of writing', 'e\u0301', 'é'],
]

for (const [name, written, kept] of cases) {
  test(`cleanNote(): ${name}`, () => assert.equal(cleanNote(written), kept))
}

test('cleanNote() counts characters, after what is not seen is gone', () => {
  assert.equal([...cleanNote(`${'😀'.repeat(500)}\u200b`)].length, 500)
  for (const unfit of ['', '\u202e \u200b', 'x'.repeat(501)]) {
    assert.throws(() => cleanNote(unfit), { code: 'approval_note_invalid' })
  }
})
