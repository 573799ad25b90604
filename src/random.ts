import { randomFillSync } from 'node:crypto'

/** Random bytes of the system, fetched for many at once: to ask for them costs more than the bytes. */
export interface RandomPool {
  /** Bytes that nobody else gets; they are erased here. */
  take(length: number): Buffer
  nextUint32(): number
}

const poolBytes = 4096

export function createRandomPool(): RandomPool {
  const pool = Buffer.alloc(poolBytes)
  let used = poolBytes

  function take(length: number): Buffer {
    if (length > poolBytes) return randomFillSync(Buffer.alloc(length))
    if (used + length > poolBytes) {
      randomFillSync(pool)
      used = 0
    }
    const taken = Buffer.from(pool.subarray(used, used + length))
    pool.fill(0, used, used + length)
    used += length
    return taken
  }

  return { take, nextUint32: () => take(4).readUInt32LE() }
}
