import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createSignInQueue } from '../../src/sign-in/sign-in-queue.ts'

const somebody = { bytes: 10, hasLeft: () => false }

/** Of the event loop. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await nextTurn()
}

/** A piece of work that ends when it is told to. */
function work() {
  let end = (): void => undefined
  const promise = new Promise<string>((resolve) => {
    end = () => resolve('done')
  })
  let hasBegun = false
  const run = () => {
    hasBegun = true
    return promise
  }
  return { run, end: () => end(), hasBegun: () => hasBegun }
}

test('so many run at once, the others wait in their order, and who comes when all places are taken is told when to try again', async () => {
  const queue = createSignInQueue({ atOnce: 1, waiting: 2, nowMs: () => 0 })
  const [first, second, third, late] = [work(), work(), work(), work()]
  const all = [first, second, third].map(({ run }) => queue.admit(somebody, run))
  await assert.rejects(
    queue.admit(somebody, late.run),
    (error: { code?: string; detail?: Record<string, unknown> }) => {
      assert.equal(error.code, 'sign_in_queue_full')
      assert.ok(Number(error.detail?.retryAfterSeconds) >= 1)
      return true
    },
  )
  assert.equal(late.hasBegun(), false)
  assert.deepEqual([queue.running, queue.waiting, second.hasBegun()], [1, 2, false])
  first.end()
  await all[0]
  await turns(8)
  assert.deepEqual([second.hasBegun(), third.hasBegun()], [true, false])
  second.end()
  third.end()
  assert.deepEqual(await Promise.all(all), ['done', 'done', 'done'])
  assert.deepEqual([queue.running, queue.waiting], [0, 0])
})

test('who is turned away is told when those in front will be done, each later than the one before, nobody after more than twenty seconds', async () => {
  let nowMs = 0
  const queue = createSignInQueue({ atOnce: 1, waiting: 50, nowMs: () => nowMs })
  const quarterOfASecond = async () => {
    nowMs += 250
  }
  const all = Array.from({ length: 40 }, () => queue.admit(somebody, quarterOfASecond))
  await Promise.all(all)
  const held = work()
  const running = queue.admit(somebody, held.run)
  const waiting = Array.from({ length: 50 }, () => queue.admit(somebody, quarterOfASecond))
  const told: number[] = []
  for (let person = 0; person < 100; person++) {
    await queue.admit(somebody, quarterOfASecond).catch(({ detail }) => told.push(detail.retryAfterSeconds))
  }
  assert.equal(told.length, 100)
  assert.deepEqual(
    told,
    [...told].sort((one, other) => one - other),
  )
  const [first = 0] = told
  assert.ok(first >= 10 && first <= 13, `50 wait for a quarter of a second each; the first is told ${first} seconds`)
  assert.ok((told[19] ?? 0) - first >= 4, 'twenty of them come back over five seconds')
  assert.equal(told.at(-1), 20)
  held.end()
  await Promise.all([running, ...waiting])
})

test('what waits is bounded in bytes, too', async () => {
  const queue = createSignInQueue({ atOnce: 1, waiting: 1000, nowMs: () => 0 })
  const first = work()
  const large = { bytes: 40 * 1024 * 1024, hasLeft: () => false }
  const running = queue.admit(large, first.run)
  const waiting = queue.admit(large, async () => 'waited')
  await assert.rejects(
    queue.admit(large, async () => 'never'),
    { code: 'sign_in_queue_full' },
  )
  first.end()
  assert.deepEqual(await Promise.all([running, waiting]), ['done', 'waited'])
})

test('who has left is not signed in, and what they posted stays unused', async () => {
  const queue = createSignInQueue({ atOnce: 1, waiting: 10, nowMs: () => 0 })
  const [first, gone, last] = [work(), work(), work()]
  const running = queue.admit(somebody, first.run)
  const left = assert.rejects(queue.admit({ bytes: 10, hasLeft: () => true }, gone.run), { code: 'request_invalid' })
  const behind = queue.admit(somebody, last.run)
  first.end()
  last.end()
  await Promise.all([running, left, behind])
  assert.deepEqual([gone.hasBegun(), last.hasBegun()], [false, true])
})

test('work that fails gives its place to the next one', async () => {
  const queue = createSignInQueue({ atOnce: 1, waiting: 1, nowMs: () => 0 })
  await assert.rejects(
    queue.admit(somebody, () => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await queue.admit(somebody, async () => 'yes'), 'yes')
  assert.equal(queue.running, 0)
})

test('while people keep coming they are let to the door first, but those who wait are not forgotten', async () => {
  const queue = createSignInQueue({ atOnce: 8, waiting: 8, nowMs: () => 0 })
  const held = Array.from({ length: 8 }, work)
  const all = held.map(({ run }) => queue.admit(somebody, run))
  const waiting = Array.from({ length: 8 }, work)
  all.push(...waiting.map(({ run }) => queue.admit(somebody, run)))
  for (const { end } of held) end()
  await Promise.all(all.slice(0, 8))
  for (let turn = 0; turn < 20; turn++) {
    all.push(queue.admit(somebody, async () => 'came later').catch(() => 'turned away'))
    await nextTurn()
  }
  const begun = waiting.filter(({ hasBegun }) => hasBegun()).length
  assert.ok(begun > 0 && begun < 8, `${begun} have begun`)
  await turns(3)
  assert.ok(waiting.every(({ hasBegun }) => hasBegun()))
  for (const { end } of waiting) end()
  await Promise.all(all)
})
