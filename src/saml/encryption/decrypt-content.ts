import { type CipherGCMTypes, createDecipheriv } from 'node:crypto'
import type { ContentAlgorithm } from './algorithms.ts'

/** Undefined for whatever goes wrong. XML Encryption 1.1 section 5.2. */
export function decryptContent(ciphertext: Buffer, algorithm: ContentAlgorithm, key: Buffer): Buffer | undefined {
  try {
    return algorithm.mode === 'gcm'
      ? decryptGcm(ciphertext, algorithm.cipher, key)
      : decryptCbc(ciphertext, algorithm.cipher, key)
  } catch {
    return undefined
  }
}

const [nonceBytes, tagBytes, blockBytes] = [12, 16, 16]

/** Nonce, ciphertext, tag. Section 5.2.4. */
function decryptGcm(bytes: Buffer, cipher: CipherGCMTypes, key: Buffer): Buffer {
  const end = bytes.length - tagBytes
  const nonce = bytes.subarray(0, nonceBytes)
  const decipher = createDecipheriv(cipher, key, nonce, { authTagLength: tagBytes })
  decipher.setAuthTag(bytes.subarray(end))
  const content = decipher.update(bytes.subarray(nonceBytes, end))
  // Throws when the tag is wrong, and gives nothing: GCM has no last block.
  decipher.final()
  return content
}

/** Initialization vector, ciphertext; the last byte says how many are padding, whose others may be anything. Section 5.2.2. */
function decryptCbc(bytes: Buffer, cipher: string, key: Buffer): Buffer | undefined {
  const decipher = createDecipheriv(cipher, key, bytes.subarray(0, blockBytes)).setAutoPadding(false)
  const padded = Buffer.concat([decipher.update(bytes.subarray(blockBytes)), decipher.final()])
  const padding = padded.at(-1) ?? 0
  return padding >= 1 && padding <= blockBytes ? padded.subarray(0, padded.length - padding) : undefined
}
