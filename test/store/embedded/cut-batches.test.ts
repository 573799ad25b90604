import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BatchCutter } from '../../../src/store/embedded/cut-batches.ts'

function message(type: string, body: string): Buffer {
  const header = Buffer.alloc(5, type)
  header.writeUInt32BE(body.length + 4, 1)
  return Buffer.concat([header, Buffer.from(body)])
}

const startup = Buffer.concat([Buffer.from([0, 0, 0, 12, 0, 3, 0, 0]), Buffer.from('user')])
const extended = Buffer.concat([message('P', 'S in the text'), message('B', 'Q'), message('E', ''), message('S', '')])
const simple = message('Q', 'select 1')
const unfinished = message('P', 'waits for more')
const stream = Buffer.concat([startup, extended, simple, unfinished])

test('the client’s bytes are cut where an answer is due, however they arrive', () => {
  for (const size of [1, 2, 3, 5, 7, 11, stream.length]) {
    const cutter = new BatchCutter()
    const batches: Buffer[] = []
    for (let start = 0; start < stream.length; start += size) {
      batches.push(...cutter.push(stream.subarray(start, start + size)).map((batch) => Buffer.from(batch)))
    }
    assert.deepEqual(batches, [startup, extended, simple], `in pieces of ${size} bytes`)
  }
})
