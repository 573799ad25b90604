import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LatchkeyError } from '../../src/errors.ts'
import { compileCondition, compileValues, isFault } from '../../src/mapping/expression.ts'
import type { ExpressionScope } from '../../src/mapping/expression-scope.ts'

const many = Array.from({ length: 2000 }, (_, index) => `group-${index}`)
const variables = {
  attributes: new Map([
    ['mail', ['Jo@A.example']],
    ['memberOf', ['CN=app-a,OU=x', 'CN=staff,OU=x']],
    ['many', many],
    ['evil', [`${'a'.repeat(20_000)}b`]],
  ]),
  fields: new Map([['title', ['Team Lead']]]),
  groups: ['staff', 'vpn'],
  groupsKnown: true,
  roles: ['agent'],
  username: 'jo',
  nameId: 'p-4711',
  nameIdFormat: 'urn:x',
  authnContext: 'urn:mfa',
}

const valuesGiven: readonly (readonly [string, readonly string[] | 'fault'])[] = [
  ['attributes.first("mail")', ['Jo@A.example']],
  ['attributes.first("none")', ['']],
  ['attributes.all("memberOf")', ['CN=app-a,OU=x', 'CN=staff,OU=x']],
  ['attributes.first("mail").lowerAscii()', ['jo@a.example']],
  ['attributes.first("mail").capturePattern("@(.*)")', ['A.example']],
  ['attributes.first("mail").replacePattern("@.*", "")', ['Jo']],
  ['attributes.all("memberOf").map(g, g.capturePattern("CN=([^,]+)"))', ['app-a', 'staff']],
  ['attributes.all("memberOf").filter(g, g.contains("app")).map(g, g + "!")', ['CN=app-a,OU=x!']],
  ['nameId + "@company-a.example"', ['p-4711@company-a.example']],
  ['authnContext == "urn:mfa" ? ["strong"] : ["weak"]', ['strong']],
  ['"none" in attributes ? attributes["none"][0] : "x"', ['x']],
  ['attributes["none"][0]', 'fault'],
  ['string(int(nameId))', 'fault'],
  ['string(int(attributes.first("none")))', 'fault'],
  ['int(attributes.first("none").trim()) > 3 ? "a" : "b"', 'fault'],
  ['["", "7"].map(t, string(int(t))).join()', 'fault'],
  ['["0b1"].map(t, string(int(t))).join()', 'fault'],
  ['string(int("-7") + int(2.5))', ['-5']],
]
for (const [source, wanted] of valuesGiven) {
  test(`expression: ${source}`, () => {
    const result = compileValues(source, 'field', 'at').evaluate(variables)
    assert.deepEqual(isFault(result) ? 'fault' : result, wanted)
  })
}

const conditions: readonly (readonly [string, ExpressionScope, boolean])[] = [
  ['"vpn" in groups && groupsKnown', 'role', true],
  ['fields.first("title").matchesPattern(".*Lead")', 'grant', true],
  ['fields.first("title").matchesPattern("Lead")', 'grant', false],
  ['groups.exists(g, g.startsWith("x"))', 'role', false],
  ['groups.all(g, g.size() > 1)', 'role', true],
  ['"agent" in roles && username == "jo"', 'subject', true],
]
for (const [source, scope, wanted] of conditions) {
  test(`expression: ${source} is ${wanted}`, () => {
    assert.equal(compileCondition(source, scope, 'at').evaluate(variables), wanted)
  })
}

/** What is refused when it is saved: with the position, what arrived, and a hint. */
const refused: readonly (readonly [string, ExpressionScope, { at: string; arrived: RegExp; advice?: RegExp }])[] = [
  ['atributes.first("mail")', 'field', { at: 'x: position 1', arrived: /Unknown variable/, advice: /attributes/ }],
  ['nameId +', 'field', { at: 'x: position 9', arrived: /Unexpected token.*at the end/ }],
  ['nameId + 1', 'field', { at: 'x: position 1', arrived: /no such overload/, advice: /string\(…\)/ }],
  ['nameId.toLowerCase()', 'field', { at: 'x: position 1', arrived: /no matching/, advice: /lowerAscii/ }],
  ['nameId.upperAsci()', 'field', { at: 'x: position 1', arrived: /no matching/, advice: /Did you mean upperAscii/ }],
  ['nameId.substring("a")', 'field', { at: 'x: position 1', arrived: /no matching/, advice: /other types/ }],
  ['fields.first("title")', 'field', { at: 'x: position 1', arrived: /Unknown variable: fields/ }],
  ['size(nameId)', 'field', { at: 'x: position 1', arrived: /of type int/, advice: /string\(/ }],
  ['nameId == "x"', 'field', { at: 'x: position 1', arrived: /of type bool/ }],
  ['nameId.matches("a") ? "x" : "y"', 'field', { at: 'x: position 1', arrived: /matches/, advice: /matchesPattern/ }],
  ['nameId.split("")', 'field', { at: 'x: position 1', arrived: /split/ }],
  ['cel.bind(x, nameId, x)', 'field', { at: 'x: position 1', arrived: /bind/ }],
  ['nameId.matchesPattern(nameId) ? "x" : "y"', 'field', { at: 'x: position 23', arrived: /something else/ }],
  ['nameId.matchesPattern("(") ? "x" : "y"', 'field', { at: 'x: position 23', arrived: /missing closing/ }],
  ['nameId.replacePattern("a", "$1")', 'field', { at: 'x: position 23', arrived: /\$1/ }],
  [
    'attributes.all("a").map(a, attributes.all("b").exists(b, a == b) ? a : "")',
    'field',
    { at: 'x: position 28', arrived: /exists\(\) within another/ },
  ],
  ['attributes.all("a").join(nameId)', 'field', { at: 'x: position 26', arrived: /something else/ }],
  ['nameId.capturePattern("(.?){1000}(.?){1000}")', 'field', { at: 'x: position 23', arrived: /8002 steps/ }],
  ['attributes.all("a") + attributes.all("b")', 'field', { at: 'x: position 1', arrived: /list/ }],
]
for (const [source, scope, wanted] of refused) {
  test(`expression: ${source} is refused when it is saved`, () => {
    assert.throws(
      () => compileValues(source, scope, 'x'),
      ({ code, detail }: LatchkeyError) => {
        assert.equal(code, 'input_invalid')
        assert.equal(detail.at, wanted.at)
        assert.match(detail.arrived ?? '', wanted.arrived)
        assert.match(detail.advice ?? '', wanted.advice ?? /^/)
        return true
      },
    )
  })
}

test('expression: what objects inherit cannot be reached', () => {
  for (const source of ['attributes["constructor"][0]', 'attributes["__proto__"][0]']) {
    assert.equal(isFault(compileValues(source, 'field', 'at').evaluate(variables)), true)
  }
})

test('expression: one that is too large is refused when it is saved', () => {
  const large = Array.from({ length: 120 }, () => '"a"').join(' + ')
  assert.throws(() => compileValues(large, 'field', 'x'), { code: 'input_invalid' })
})

const doubled = '.map(y, y + y)'.repeat(10)
const longer = `"${'x'.repeat(400)}"`
for (const source of [
  `attributes.all("many")${doubled}${doubled.slice(0, 70)}.join()`,
  `attributes.all("many")${doubled}.exists(y, y == "") || true ? "a" : "b"`,
  `"x"${`.replacePattern("x", ${longer})`.repeat(4)}`,
  'attributes.all("many").map(t, attributes.all("many").join(" and "))',
  'attributes.all("many").filter(t, attributes.first("evil").replacePattern("a", "b") == t)',
]) {
  test(`expression: ${source.slice(0, 60)}… is stopped before it takes time or memory`, () => {
    const expression = compileValues(source, 'field', 'x')
    assert.throws(() => expression.evaluate(variables), {
      code: 'attribute_invalid',
      detail: {
        check: 'work of an expression',
        wanted: 'at most 50000000 characters made or looked through',
        arrived: 'more',
        advice: 'Let the rule read fewer values, or make it simpler: patterns cost their size for each character.',
      },
    })
  })
}

test('expression: the dearest one there is ends, and patterns take time linear to the value', () => {
  const test = 'g in attributes.all("many")'
  const names = Array.from({ length: 10 }, () => test).join(' && ')
  const loop = compileCondition(`attributes.all("many").all(g, ${names})`, 'field', 'at')
  assert.equal(loop.evaluate(variables), true)
  const dearer = `attributes.all("many").all(g, ${names} && ${test} && ${test})`
  assert.throws(() => compileCondition(dearer, 'field', 'at'), {
    code: 'input_invalid',
    detail: {
      check: 'expression',
      wanted: 'at most 60 names, values and operators within loops',
      arrived: 'more',
      at: 'at: position 315',
    },
  })
  const pattern = compileCondition('attributes.first("evil").matchesPattern("(a+)+")', 'field', 'at')
  assert.equal(pattern.evaluate(variables), false)
})
