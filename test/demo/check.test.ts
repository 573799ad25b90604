import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkStory } from '../../src/demo/check-story.ts'

test('the story of a first sign-in holds, step by step, on a fresh database', async () => {
  const lines: string[] = []
  const holds = await checkStory((line) => lines.push(line))
  assert.ok(holds, lines.join('\n'))
  const steps = lines.filter((line) => /^ok +\d+ /.test(line)).length
  assert.ok(steps >= 12, lines.join('\n'))
  assert.equal(lines.at(-1), `all ${steps} steps hold`)
})
