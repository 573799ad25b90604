import { hash, timingSafeEqual } from 'node:crypto'
import type { OaepHash } from './algorithms.ts'

export interface OaepParameters {
  /** Hash of the label. */
  readonly digest: OaepHash
  /** Hash inside MGF1. */
  readonly mask: OaepHash
  /** OAEPparams; empty when there are none. */
  readonly label: Buffer
}

export interface OaepMessage {
  readonly isValid: boolean
  /** Means nothing unless valid. */
  readonly message: Buffer
}

/**
 * Takes the OAEP padding off a block that RSA gave (RFC 8017 section 7.1.2 step 3). Done here and not in OpenSSL for two
 * reasons: XML Encryption allows one hash for the label and another for the mask, which Node's interface does not; and
 * Node throws on a wrong padding, which takes longer than a right one. Here every block of one length takes the same steps, and what is wrong with it
 * (first byte, label, padding) is one comparison in constant time: Manger's attack has nothing to tell apart.
 *
 * The length of the message is known beforehand, so that the place of its separator needs no search.
 */
export function decodeOaep(block: Buffer, { digest, mask, label }: OaepParameters, messageBytes: number): OaepMessage {
  // As a binary string: that costs a fifth of a buffer of its own.
  const labelHash = hash(digest, label, 'binary')
  const contentAt = 1 + labelHash.length
  const messageAt = block.length - messageBytes
  // Depends on the lengths of key and message alone, which are public.
  if (messageAt <= contentAt + labelHash.length) return { isValid: false, message: Buffer.alloc(messageBytes) }
  const opened = Buffer.from(block)
  const [seed, content] = [opened.subarray(1, contentAt), opened.subarray(contentAt)]
  unmask(seed, content, mask)
  unmask(content, seed, mask)
  seed.fill(0)
  const wanted = Buffer.alloc(messageAt)
  wanted.write(labelHash, contentAt, 'binary')
  wanted[messageAt - 1] = 1
  return { isValid: timingSafeEqual(opened.subarray(0, messageAt), wanted), message: opened.subarray(messageAt) }
}

/** With MGF1: RFC 8017 appendix B.2.1. */
function unmask(masked: Buffer, seed: Buffer, hashName: OaepHash): void {
  const input = Buffer.alloc(seed.length + 4)
  seed.copy(input)
  for (let counter = 0, at = 0; at < masked.length; counter++) {
    input.writeUInt32BE(counter, seed.length)
    const block = hash(hashName, input, 'binary')
    for (let index = 0; index < block.length && at < masked.length; index++, at++) {
      masked[at] = (masked[at] as number) ^ block.charCodeAt(index)
    }
  }
}
