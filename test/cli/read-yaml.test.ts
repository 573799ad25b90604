import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readYaml } from '../../src/cli/read-yaml.ts'

const faults: readonly (readonly [string, string, RegExp])[] = [
  ['a name twice', 'a: 1\na: 2', /unique at line 2, column 1$/],
  ['a tab', 'a:\n\tb: 1', /line 2, column 1$/],
  ['an alias of nothing', 'a: *b', /b$/],
  [
    'aliases of aliases of aliases',
    `a: &a [1, 1]\n${[...'bcdefghijkl'].map((name, index) => `${name}: &${name} [${Array(10).fill(`*${'abcdefghijk'[index]}`).join()}]`).join('\n')}`,
    /alias/,
  ],
  ['a circle', 'a: &a { b: *a }', /circular/],
  ['__proto__', 'a:\n  __proto__: { b: 1 }', /__proto__, at line 2$/],
]
for (const [what, text, arrived] of faults) {
  test(`readYaml() refuses ${what} as input, with its place`, () => {
    assert.throws(
      () => readYaml(text, 'file.yaml'),
      (error: Error & { code?: string; detail?: { at?: string; arrived?: string } }) => {
        assert.deepEqual([error.code, error.detail?.at], ['input_invalid', 'file.yaml'])
        assert.match(error.detail?.arrived ?? '', arrived)
        return true
      },
    )
  })
}

test('readYaml() reads YAML and JSON, with aliases, and an empty file', () => {
  assert.deepEqual(readYaml('a: &a [1]\nb: *a', 'x'), { a: [1], b: [1] })
  assert.deepEqual(readYaml('{"__proto": 1}', 'x'), { __proto: 1 })
  assert.equal(readYaml('', 'x'), undefined)
})
