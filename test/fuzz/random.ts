import { createHash } from 'node:crypto'

/** A stream of numbers that a text decides: the same seed gives the same inputs, on every machine. */
export class Random {
  readonly #state: Uint32Array

  constructor(seed: string) {
    const digest = createHash('sha256').update(seed).digest()
    this.#state = Uint32Array.from({ length: 4 }, (_unused, index) => digest.readUInt32LE(index * 4))
  }

  /** sfc32: 32 bits. */
  next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state
    const result = (a + b + d) >>> 0
    this.#state.set([b ^ (b >>> 9), c + (c << 3), ((c << 21) | (c >>> 11)) + result, d + 1])
    return result
  }

  /** From 0 to `end - 1`. */
  below(end: number): number {
    return Math.floor((this.next() / 2 ** 32) * end)
  }

  chance(probability: number): boolean {
    return this.next() / 2 ** 32 < probability
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T
  }

  times<T>(count: number, make: (index: number) => T): readonly T[] {
    return Array.from({ length: count }, (_unused, index) => make(index))
  }

  bits(count: number): bigint {
    let value = 0n
    for (let done = 0; done < count; done += 32) value = (value << 32n) | BigInt(this.next())
    return BigInt.asUintN(count, value)
  }
}
