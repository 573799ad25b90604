import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import { isLatchkeyError, LatchkeyError } from '../../src/errors.ts'
import { openApiText } from '../../src/http/api/openapi.ts'
import { operations } from '../../src/http/api/operations.ts'
import { problemOf } from '../../src/http/api/problem.ts'
import { readJson } from '../../src/http/api/read-json.ts'
import { streamReplay } from '../../src/http/api/stream-replay.ts'
import { packageRoot } from '../../src/package-root.ts'
import { until } from '../support/until.ts'
import { serve } from './support/serve.ts'

test('without `api: on` there is no API: its addresses are like any that nobody knows', async (t) => {
  const { ask } = await serve(t)
  for (const path of ['/api/v1/accounts', '/api/v1/openapi.json', '/api/v1/problems/internal', '/api']) {
    const { status, text } = await ask(path, { accept: 'application/json', headers: { authorization: 'Bearer x' } })
    assert.equal(status, 404)
    assert.equal(JSON.parse(text).error, 'not_found')
  }
})

test('docs/openapi.json is what the table of operations says (npm run docs writes it)', () => {
  assert.equal(readFileSync(new URL('docs/openapi.json', packageRoot), 'utf8'), openApiText())
})

test('the OpenAPI document has every operation once, with its parameters, its needs and a schema without members nobody knows', () => {
  const { paths } = JSON.parse(openApiText())
  const described = Object.entries<Record<string, Described>>(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, what]) => ({ at: `${method.toUpperCase()} ${path}`, ...what })),
  )
  const wanted = operations.map(({ method, path }) => `${method} ${path.replace(/:([a-z]+)/g, '{$1}')}`)
  const own = ['GET /openapi.json', 'GET /problems/{code}']
  assert.deepEqual(described.map(({ at }) => at).sort(), [...wanted, ...own].sort())
  assert.equal(new Set(described.map(({ operationId }) => operationId)).size, described.length)
  for (const { at, summary, parameters = [], requestBody, responses } of described) {
    assert.ok(summary.endsWith('.'), at)
    assert.ok(responses['200'], at)
    const inPath = [...at.matchAll(/\{([a-z]+)\}/g)].map(([, name]) => name)
    assert.deepEqual(
      parameters.filter((one) => one.in === 'path').map(({ name }) => name),
      inPath,
      at,
    )
    const schema = requestBody?.content['application/json'].schema
    if (schema !== undefined) assert.equal(schema.additionalProperties, false, at)
  }
})

interface Described {
  readonly operationId: string
  readonly summary: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: {
    readonly content: { readonly 'application/json': { readonly schema: { readonly additionalProperties?: boolean } } }
  }
  readonly responses: Readonly<Record<string, unknown>>
}

test('readJson() reads what JSON.stringify() writes, and only refuses with request_invalid', () => {
  const encoder = new TextEncoder()
  const hasProto = (text: string) => /__proto__/.test(text)
  fc.assert(
    fc.property(fc.json({ maxDepth: 5, depthSize: 'medium' }), (text) => {
      fc.pre(!hasProto(text))
      assert.deepEqual(readJson(encoder.encode(text)), JSON.parse(text))
    }),
  )
  const pieces = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    ':',
    ',',
    '"',
    '\\',
    '"a"',
    '"b"',
    '1',
    'null',
    ' ',
    '\n',
    '\\u0022',
    '__proto__',
  )
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      try {
        readJson(encoder.encode(parts.join('')))
      } catch (error) {
        assert.ok(isLatchkeyError(error, 'request_invalid'))
      }
    }),
    { numRuns: 2000 },
  )
})

test('readJson() finds a repeated name wherever it stands', () => {
  const name = fc.string({ minLength: 1, maxLength: 5 }).filter((text) => text !== '__proto__')
  const around = fc.constantFrom<(inner: string) => string>(
    (inner) => inner,
    (inner) => `[1,${inner}]`,
    (inner) => `{"z":${inner}}`,
    (inner) => `[{"x":"}{"},${inner},"\\""]`,
  )
  fc.assert(
    fc.property(name, around, fc.json({ maxDepth: 2 }), (repeated, wrap, value) => {
      fc.pre(!/__proto__/.test(value))
      const key = JSON.stringify(repeated)
      const escaped = `"${[...repeated].map((character) => [...Array(character.length).keys()].map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')).join('')}"`
      const text = wrap(`{${key}:${value},${escaped}:1}`)
      assert.throws(() => readJson(new TextEncoder().encode(text)), { code: 'request_invalid' })
    }),
  )
})

const progress = (done: number) => ({ progress: { done, total: 3 } })
const problem = (error: unknown) =>
  problemOf(error, { publicUrl: 'https://login.example', reference: 'r', hasToken: true })

test('a replay that breaks on the way ends with a problem that tells nothing of our side', async () => {
  async function* lines() {
    yield progress(1)
    throw new Error('the database is on fire')
  }
  const parts: string[] = []
  for await (const part of await streamReplay(lines(), problem)) parts.push(String(part))
  const [first, last] = parts
    .join('')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  assert.deepEqual(first, progress(1))
  assert.equal(last.problem.code, 'internal')
  assert.doesNotMatch(parts.join(''), /fire/)
})

test('a replay that is refused before its first line is refused as any request, and one that nobody reads any more ends', async () => {
  async function* refused() {
    yield* []
    throw new LatchkeyError('connection_not_found')
  }
  await assert.rejects(streamReplay(refused(), problem), { code: 'connection_not_found' })
  let hasEnded = false
  async function* endless() {
    try {
      for (let done = 0; ; done++) yield progress(done)
    } finally {
      hasEnded = true
    }
  }
  const stream = await streamReplay(endless(), problem)
  for await (const part of stream) if (String(part).includes('2')) break
  await until(() => hasEnded)
})
