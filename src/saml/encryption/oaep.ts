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
export function decodeOaep(block: Buffer, parameters: OaepParameters, messageBytes: number): OaepMessage {
  const labelHash = hash(parameters.digest, parameters.label, 'buffer')
  const masked = block.subarray(1 + labelHash.length)
  const messageAt = masked.length - messageBytes
  // Depends on the lengths of key and message alone, which are public.
  if (messageAt <= labelHash.length) return { isValid: false, message: Buffer.alloc(messageBytes) }
  const seed = xor(block.subarray(1, 1 + labelHash.length), maskOf(masked, parameters.mask, labelHash.length))
  const content = xor(masked, maskOf(seed, parameters.mask, masked.length))
  const padding = Buffer.alloc(messageAt - labelHash.length - 1)
  const wanted = Buffer.concat([Buffer.of(0), labelHash, padding, Buffer.of(1)])
  const arrived = Buffer.concat([block.subarray(0, 1), content.subarray(0, messageAt)])
  return { isValid: timingSafeEqual(arrived, wanted), message: content.subarray(messageAt) }
}

/** MGF1: RFC 8017 appendix B.2.1. */
function maskOf(seed: Buffer, hashName: OaepHash, length: number): Buffer {
  const input = Buffer.concat([seed, Buffer.alloc(4)])
  const blocks: Buffer[] = []
  for (let counter = 0, bytes = 0; bytes < length; counter++) {
    input.writeUInt32BE(counter, seed.length)
    const block = hash(hashName, input, 'buffer')
    blocks.push(block)
    bytes += block.length
  }
  return Buffer.concat(blocks).subarray(0, length)
}

function xor(one: Buffer, other: Buffer): Buffer {
  const result = Buffer.alloc(one.length)
  for (let index = 0; index < one.length; index++) result[index] = (one[index] ?? 0) ^ (other[index] ?? 0)
  return result
}
