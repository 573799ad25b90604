import { constants, hash, type KeyObject, privateDecrypt, randomBytes } from 'node:crypto'
import type { WrappedKey } from './encrypted-parts.ts'
import { decodeOaep } from './oaep.ts'

/** Known to this process alone. */
const dummySecret = randomBytes(32)

/**
 * The key that the content was encrypted with; one that nobody can guess when none of ours opens any of these, so that whoever asks
 * goes on, and fails, exactly as with a right key and a wrong content. Every key of ours is tried on every wrapped key, whatever
 * was found before: how long it takes depends on what is public alone. RFC 8017 section 7.1.2.
 */
export function unwrapKey(wrapped: readonly WrappedKey[], ours: readonly KeyObject[], keyBytes: number): Buffer {
  const chosen = dummyKey(wrapped, keyBytes)
  for (const { ciphertext, oaep } of wrapped) {
    for (const key of ours) {
      const block = decryptBlock(ciphertext, key)
      if (block === undefined) continue
      for (const parameters of oaep) {
        const { isValid, message } = decodeOaep(block, parameters, keyBytes)
        choose(isValid, message, chosen)
      }
    }
  }
  return chosen
}

/** The same for the same wrapped keys, so that asking twice tells nothing either; and cheaper than fetching random bytes. */
function dummyKey(wrapped: readonly WrappedKey[], keyBytes: number): Buffer {
  const input = Buffer.concat([dummySecret, ...wrapped.map(({ ciphertext }) => ciphertext)])
  return Buffer.from(hash('sha256', input, 'binary'), 'binary').subarray(0, keyBytes)
}

/** Without its padding removed. Undefined where the length, or the number itself, is too large for the key: both are public. */
function decryptBlock(ciphertext: Buffer, key: KeyObject): Buffer | undefined {
  if (ciphertext.length !== Math.ceil((key.asymmetricKeyDetails?.modulusLength ?? 0) / 8)) return undefined
  try {
    return privateDecrypt({ key, padding: constants.RSA_NO_PADDING }, ciphertext)
  } catch {
    return undefined
  }
}

/** Copies without a branch on whether. */
function choose(isValid: boolean, message: Buffer, chosen: Buffer): void {
  // Not `-Number(…)`: minus zero is another kind of number inside, and takes another path.
  const mask = (0 - Number(isValid)) & 0xff
  for (let index = 0; index < chosen.length; index++) {
    chosen[index] = ((chosen[index] ?? 0) & ~mask) | ((message[index] ?? 0) & mask)
  }
}
