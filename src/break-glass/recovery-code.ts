import { createHash, timingSafeEqual } from 'node:crypto'
import { macOf } from './derived-key.ts'

/**
 * A recovery code is 96 random bits and a mark of 24 bits that only this installation can make, in 24 characters of Crockford's
 * Base32: `7K3VQ2-…`. The mark tells a code of ours from a guess or a slip of the pen before anything is looked up.
 */

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const randomLength = 12
const markLength = 3
const length = 24
const groups = /.{6}/g

export interface MadeRecoveryCode {
  /** For the person, once. */
  readonly text: string
  /** For the storage. */
  readonly codeHash: string
}

export function newRecoveryCode(secret: Buffer, randomBytes: (size: number) => Buffer): MadeRecoveryCode {
  const random = randomBytes(randomLength)
  const plain = encode(Buffer.concat([random, markOf(random, secret)]))
  return { text: (plain.match(groups) ?? []).join('-'), codeHash: hashOf(plain) }
}

/**
 * The hash a code is found by; `undefined` for a text that is no code of this installation. Case, spaces and dashes do not
 * matter, nor do the letters O, I and L in the place of digits.
 */
export function readRecoveryCode(text: string, secret: Buffer): string | undefined {
  const plain = text.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1')
  const bytes = decode(plain)
  if (bytes === undefined) return undefined
  const mark = markOf(bytes.subarray(0, randomLength), secret)
  return timingSafeEqual(mark, bytes.subarray(randomLength)) ? hashOf(plain) : undefined
}

function markOf(random: Buffer, secret: Buffer): Buffer {
  return macOf(secret, 'recovery code', random).subarray(0, markLength)
}

function hashOf(plain: string): string {
  return createHash('sha256').update(plain).digest('hex')
}

function encode(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('')
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join('')
}

function decode(plain: string): Buffer | undefined {
  if (plain.length !== length) return undefined
  const values = [...plain].map((character) => alphabet.indexOf(character))
  if (values.includes(-1)) return undefined
  const bits = values.map((value) => value.toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
}
