import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createMetricsGatherer } from '../../src/processes/gather-metrics.ts'
import { deathsInARow, restartDelay } from '../../src/processes/restart-delay.ts'

test('a process that dies again and again is started later each time, but never later than half a minute', () => {
  assert.deepEqual([1, 2, 3, 4, 20, 2000].map(restartDelay), [250, 500, 1000, 2000, 30_000, 30_000])
})

test('a process that was ready for a minute counts as begun well', () => {
  assert.equal(deathsInARow(5, 59_999), 6)
  assert.equal(deathsInARow(5, 60_000), 1)
})

test('a process that does not say what it has counted is left out, and its late answer goes nowhere', async () => {
  const gatherer = createMetricsGatherer(20)
  const asked: number[] = []
  const counted = [{ name: 'a', help: '', type: 'counter', aggregator: 'sum', values: [] }] as never
  const answers = await gatherer.gather([
    (question) => asked.push(question),
    (question) => gatherer.answered(question, counted),
  ])
  assert.deepEqual(answers, [counted])
  gatherer.answered(asked[0] ?? 0, counted)
  assert.deepEqual(await gatherer.gather([]), [])
})
