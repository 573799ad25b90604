/** Message types after which the client waits for an answer: Sync, Query, Flush, CopyDone, CopyFail. */
const endsBatch = new Set([...'SQHcf'].map((letter) => letter.charCodeAt(0)))

const terminate = 'X'.charCodeAt(0)

/**
 * Cuts the client's side of a connection into batches of whole messages, each ending where an answer is due: the engine
 * runs a batch to its end and cannot wait for the rest of one. PostgreSQL documentation 54.7, "Message Formats".
 */
export class BatchCutter {
  #pending: Uint8Array = new Uint8Array(0)
  #started = false

  push(bytes: Uint8Array): readonly Uint8Array<ArrayBuffer>[] {
    this.#pending = this.#pending.length === 0 ? bytes : Buffer.concat([this.#pending, bytes])
    const batches: Uint8Array<ArrayBuffer>[] = []
    let end = this.#nextBatchEnd()
    while (end !== undefined) {
      batches.push(new Uint8Array(this.#pending.subarray(0, end))) // a copy of its own, so that it can change threads
      this.#pending = this.#pending.subarray(end)
      end = this.#nextBatchEnd()
    }
    return batches
  }

  /** Where the first complete batch ends, in bytes; `undefined` when more must arrive. */
  #nextBatchEnd(): number | undefined {
    const bytes = Buffer.from(this.#pending.buffer, this.#pending.byteOffset, this.#pending.length)
    if (!this.#started) {
      if (bytes.length < 4 || bytes.length < bytes.readUInt32BE(0)) return undefined
      this.#started = true
      return bytes.readUInt32BE(0)
    }
    let offset = 0
    while (offset + 5 <= bytes.length) {
      const type = bytes[offset] ?? terminate
      const end = offset + 1 + bytes.readUInt32BE(offset + 1)
      if (end > bytes.length) return undefined
      if (endsBatch.has(type)) return end
      offset = end
    }
    return undefined
  }
}
