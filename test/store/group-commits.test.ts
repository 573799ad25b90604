import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createCommitGroups } from '../../src/store/group-commits.ts'

/** A database that writes down what happens in it. */
function writeDown(failing: { readonly write?: string; readonly sync?: true } = {}) {
  const events: string[] = []
  const commits = createCommitGroups(async () => {
    events.push('sync')
    if (failing.sync) throw new Error('the disk is full')
  })
  const write = (name: string) =>
    commits.run(async (commit) => {
      await Promise.resolve()
      events.push(`${name} ${commit}`)
      if (name === failing.write) throw new Error('no')
      return name
    })
  return { events, commit: (name: string) => write(name).then((done) => void events.push(`${done} reported`)) }
}

test('a commit that waits alone is synced by itself', async () => {
  const { events, commit } = writeDown()
  await commit('a')
  await commit('b')
  assert.deepEqual(events, ['a synced', 'a reported', 'b synced', 'b reported'])
})

test('commits that wait together share one sync, and none is reported before it', async () => {
  const { events, commit } = writeDown()
  await Promise.all(['a', 'b', 'c', 'd'].map(commit))
  assert.deepEqual(events.slice(0, 6), ['a synced', 'a reported', 'b unsynced', 'c unsynced', 'd unsynced', 'sync'])
  assert.deepEqual(events.slice(6).sort(), ['b reported', 'c reported', 'd reported'])
})

test('a write that fails is told so, and the others of its group are kept', async () => {
  const { events, commit } = writeDown({ write: 'c' })
  const outcomes = await Promise.allSettled(['a', 'b', 'c', 'd'].map(commit))
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
  )
  assert.equal(events.filter((event) => event === 'sync').length, 1)
})

test('when the sync fails, nothing of the group is reported done, and the next commits are tried again', async () => {
  const { events, commit } = writeDown({ sync: true })
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(commit))
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'rejected', 'rejected'],
  )
  await commit('d')
  assert.deepEqual(events.slice(-2), ['d synced', 'd reported'])
})

test('many that wait are synced in groups of at most 64', async () => {
  const { events, commit } = writeDown()
  await Promise.all(Array.from({ length: 1 + 64 + 10 }, (_unused, number) => commit(String(number))))
  assert.equal(events.filter((event) => event === 'sync').length, 2)
})
