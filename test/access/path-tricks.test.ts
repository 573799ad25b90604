import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decideAccess } from '../../src/access/decide.ts'
import { application, subject } from './fixtures.ts'

/**
 * Paths put together at random from what tricks are made of, read by models of how applications read paths. Whatever the
 * policy admits must lie outside the guarded prefix for every one of them.
 */
const pieces = [
  '/',
  '/',
  '/',
  'admin',
  'Admin',
  '%61dmin',
  'x',
  'administrator',
  '.',
  '..',
  '%2e',
  '%2E%2e',
  ';',
  ';a=b',
  '%3b',
]
const oddPieces = [
  '%2f',
  '%5c',
  '\\',
  '%25',
  '%2561',
  '%20',
  ' ',
  '%00',
  '%EF%BC%8F',
  '%EF%BC%A1',
  '%EF%BC%9B',
  '%E2%80%A5',
  '%EF%BC%85',
  '%C0%AF',
  '?',
  '#',
  '%3f',
  ':',
  '~',
]
const allPieces = [...pieces, ...pieces, ...oddPieces]

type Step = (path: string) => string
const decode: Step = (path) =>
  path.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => Buffer.from(escapes.replaceAll('%', ''), 'hex').toString())
const resolveDots: Step = (path) => {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '.') kept.push(segment)
  }
  return kept.join('/')
}
const dropParameters: Step = (path) => path.replace(/;[^/]*/g, '')
const mergeSlashes: Step = (path) => path.replace(/\/{2,}/g, '/')
const slashBackslashes: Step = (path) => path.replaceAll('\\', '/')
const ignoreCase: Step = (path) => path.toLowerCase()
const dropTrailingDots: Step = (path) => path.replace(/(?<=[^/. ])[. ]+(?=\/|$)/g, '')
const compose: Step = (path) => path.normalize('NFKC')
const cutAtNull: Step = (path) => path.replace(/\0.*$/s, '')
const cutFragment: Step = (path) => path.replace(/#.*$/s, '')

const models: Readonly<Record<string, readonly Step[]>> = {
  'decodes, then resolves': [cutFragment, decode, resolveDots, mergeSlashes],
  'resolves, then decodes': [cutFragment, resolveDots, decode, mergeSlashes],
  'merges, then resolves': [decode, mergeSlashes, resolveDots],
  'drops parameters, then decodes and resolves': [dropParameters, decode, mergeSlashes, resolveDots],
  'decodes, drops parameters, resolves': [decode, dropParameters, resolveDots, mergeSlashes],
  'decodes twice': [decode, decode, dropParameters, resolveDots, mergeSlashes],
  'takes everything for the same': [
    decode,
    compose,
    slashBackslashes,
    cutAtNull,
    ignoreCase,
    dropParameters,
    dropTrailingDots,
    mergeSlashes,
    resolveDots,
  ],
}

/** Mulberry32: the same paths in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const guarded = application([
  { path: '/', allow: 'everyone' },
  { path: '/admin', roles: ['administrator'] },
])

test('no path of 60,000 that is admitted leads any model of an application into the guarded prefix', () => {
  const next = randomNumbers(2026)
  let admitted = 0
  for (let round = 0; round < 60_000; round++) {
    const count = 1 + Math.floor(next() * 8)
    const path = `/${Array.from({ length: count }, () => allPieces[Math.floor(next() * allPieces.length)]).join('')}`
    if (!decideAccess(guarded, subject(['agent']), { method: 'GET', path }).allowed) continue
    admitted++
    for (const [name, steps] of Object.entries(models)) {
      const read = steps.reduce((text, step) => step(text), path.split('?')[0] ?? '')
      assert.ok(
        !/^\/+admin(?:\/|$)/.test(read),
        `${JSON.stringify(path)} is ${JSON.stringify(read)} to one that ${name}`,
      )
    }
  }
  assert.ok(admitted > 5_000, `only ${admitted} admitted: the paths are too odd to show anything`)
})
