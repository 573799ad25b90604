import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Transform } from '../../src/directory/mapping-settings.ts'
import { isMalformed } from '../../src/mapping/outcome.ts'
import { compileTransforms } from '../../src/mapping/transforms.ts'
import { withinWorkLimit } from '../../src/mapping/work-limit.ts'

function run(transforms: readonly Transform[], ...values: string[]): readonly string[] | 'malformed' {
  const result = compileTransforms(transforms, 'settings.test')(values)
  return isMalformed(result) ? 'malformed' : result
}

/** Transforms, values in, values out. */
const cases: readonly (readonly [string, readonly Transform[], readonly string[], readonly string[] | 'malformed'])[] =
  [
    ['trim takes white space away', ['trim'], [' a ', '  ', 'b'], ['a', 'b']],
    ['lowercase', ['lowercase'], ['Ä', 'B'], ['ä', 'b']],
    ['uppercase', ['uppercase'], ['ä'], ['Ä']],
    ['split makes several values and drops empty ones', [{ split: ';' }], ['a; b;;c', 'd'], ['a', 'b', 'c', 'd']],
    ['join makes one value', [{ join: ' ' }], ['Jo', 'Doe'], ['Jo Doe']],
    ['join makes nothing of nothing', [{ join: ' ' }], [], []],
    ['only keeps what the pattern matches as a whole', [{ only: 'app-.*' }], ['app-a', 'my app-a', 'b'], ['app-a']],
    ['only keeps what is listed', [{ only: ['a', 'b'] }], ['b', 'ab', 'a'], ['b', 'a']],
    ['except drops what the pattern matches', [{ except: '(?i)guest.*' }], ['Guests', 'staff'], ['staff']],
    ['capture takes the first group', [{ capture: '^(\\w+)@' }], ['jo@a.example'], ['jo']],
    ['capture takes the match without groups', [{ capture: '\\d+' }], ['no 4711 b'], ['4711']],
    ['capture finds nothing', [{ capture: '\\d+' }], ['4711', 'none'], 'malformed'],
    ['replace with groups', [{ replace: '(\\w+), (\\w+)', with: '$2 $1' }], ['Doe, Jo'], ['Jo Doe']],
    ['replace everywhere', [{ replace: 'a', with: '<$0>' }], ['banana'], ['b<a>n<a>n<a>']],
    ['replace with nothing drops the value', [{ replace: '.*', with: '' }], ['x'], []],
    ['lookup', [{ lookup: { M: 'manager', X: ['a', 'b'] } }], ['X', 'M'], ['a', 'b', 'manager']],
    ['lookup of what the table lacks', [{ lookup: { M: 'manager' } }], ['M', 'Z'], 'malformed'],
    ['lookup does not see what objects inherit', [{ lookup: { M: 'manager' } }], ['constructor'], 'malformed'],
    ['lookup otherwise', [{ lookup: { M: 'manager' }, otherwise: 'staff' }], ['Z'], ['staff']],
    ['date', [{ date: 'ldap-generalized-time' }], ['20270131180000Z'], ['2027-01-31T18:00:00.000Z']],
    ['date that never comes', [{ date: 'ad-file-time' }], ['0'], []],
    ['date that is none', [{ date: 'epoch-seconds' }], ['soon'], 'malformed'],
    ['prefix', [{ prefix: 'a/' }], ['x', 'y'], ['a/x', 'a/y']],
    ['default for nothing', [{ default: ['a', 'b'] }], [], ['a', 'b']],
    ['default leaves what is there', [{ default: 'a' }], ['x'], ['x']],
    ['several, in order', [{ split: ',' }, 'lowercase', { only: 'x.*' }, { default: 'none' }], ['A,B'], ['none']],
    ['commonName', ['commonName'], ['CN=Staff,OU=Groups,DC=a'], ['Staff']],
    ['commonName in another place and case', ['commonName'], ['ou=x, cn = All Staff ,dc=a'], ['All Staff']],
    ['commonName with escapes', ['commonName'], ['CN=Doe\\, Jo \\C3\\A4\\+,OU=x'], ['Doe, Jo ä+']],
    ['commonName of a name with several values', ['commonName'], ['UID=1+CN=Jo,OU=x'], ['Jo']],
    ['commonName of what has none', ['commonName'], ['OU=x'], 'malformed'],
    ['commonName that is no UTF-8', ['commonName'], ['CN=\\FF'], 'malformed'],
    [
      'commonName in quotes',
      ['commonName'],
      ['OU="x,CN=evil", CN = "Doe, Jo \\"J\\" + Co" ,O=x'],
      ['Doe, Jo "J" + Co'],
    ],
    ['commonName in quotes that do not end', ['commonName'], ['CN="Doe, Jo,OU=x'], 'malformed'],
    ['commonName in quotes that end too early', ['commonName'], ['CN="a"b,OU=x'], 'malformed'],
    ['commonName with a quote in it', ['commonName'], ['CN=5" disk,OU=x'], ['5" disk']],
    ['commonName inside another value', ['commonName'], ['OU=a\\,CN=evil,O=x'], 'malformed'],
  ]
for (const [name, transforms, values, wanted] of cases) {
  test(`transforms: ${name}`, () => assert.deepEqual(run(transforms, ...values), wanted))
}

test('transforms: splitting into more values than may be is malformed', () => {
  assert.equal(run([{ split: ',' }], 'x,'.repeat(5001)), 'malformed')
})

const unusable: readonly (readonly [Transform, string])[] = [
  [{ only: '(a' }, 'settings.test.0.only'],
  [{ capture: '(?=a)' }, 'settings.test.0.capture'],
  [{ replace: 'a\\1', with: '' }, 'settings.test.0.replace'],
  [{ replace: '(a)', with: '$2' }, 'settings.test.0.with'],
  [{ only: '(.?){1000}'.repeat(5) }, 'settings.test.0.only'],
  [{ date: 'iso-8601', timeZone: 'Europe/Atlantis' }, 'settings.test.0.timeZone'],
]
for (const [transform, at] of unusable) {
  test(`transforms: ${JSON.stringify(transform)} is refused when it is saved`, () => {
    assert.throws(
      () => run([transform]),
      (error: Error & { code?: string; detail?: { at?: string } }) =>
        error.code === 'input_invalid' && error.detail?.at === at,
    )
  })
}

test('transforms: a pattern that runs away elsewhere takes time linear to the value', () => {
  const evil = compileTransforms([{ only: '(a+)+' }], 'at')
  // With back-tracking this would take longer than the universe has been there.
  assert.deepEqual(evil([`${'a'.repeat(20_000)}b`]), [])
})

const growing: readonly Transform[] = [
  { replace: '.', with: '$0'.repeat(200) },
  { lookup: { x: Array.from({ length: 100 }, () => 'x') } },
  { prefix: 'x'.repeat(1024) },
  { only: '.*(x|y){1000}z' },
]
for (const transform of growing) {
  test(`transforms: ${JSON.stringify(transform).slice(0, 40)}, again and again, is stopped before it takes time or memory`, () => {
    const values = Array.from({ length: 100 }, () => 'x'.repeat(transform === growing[1] ? 1 : 1000))
    assert.throws(() => withinWorkLimit('work of rule a', () => run(Array(512).fill(transform), ...values)), {
      code: 'attribute_invalid',
    })
  })
}

test('transforms: what can arrive at most takes less work than a rule may do', () => {
  const values = Array.from({ length: 5000 }, (_, index) => `CN=app-${index}-${'x'.repeat(24)},OU=Groups,DC=a`)
  const usual: readonly Transform[] = [
    { only: '(?i)CN=app-[a-z0-9_-]{1,64},.*' },
    'commonName',
    { replace: '^app-', with: '' },
    { capture: '[0-9]+' },
  ]
  const result = withinWorkLimit('work of rule a', () => run(usual, ...values))
  assert.equal(result.length, 5000)
})
