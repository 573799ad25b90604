import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SigningKey } from '../../src/saml/index.ts'
import { CorpusError } from './corpus-case.ts'

interface PemBlock {
  readonly label: string
  readonly der: Buffer
}

/** Read as others wrote it: line breaks may be missing, and without any label it is a certificate, perhaps not in base64. */
function pemBlocks(bytes: Buffer, labelOtherwise: string): readonly PemBlock[] {
  const derSequence = 0x30
  if (bytes[0] === derSequence) return [{ label: labelOtherwise, der: bytes }]
  const text = bytes.toString('utf8')
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END/g)]
  if (blocks.length === 0) return [{ label: labelOtherwise, der: Buffer.from(text, 'base64') }]
  return blocks.map(([, label = '', body = '']) => ({ label, der: Buffer.from(body, 'base64') }))
}

/**
 * The trusted keys of a file, which holds certificates or public keys, or of a certificate that stands in the index
 * itself. One that cannot be used is no key: some cases are about just that.
 */
export function readSigningKeys(folder: string, file: string): readonly SigningKey[] {
  const isFile = existsSync(join(folder, file)) || (file.includes('/') && !isCertificate(file))
  const bytes = isFile ? readBytes(folder, file) : Buffer.from(file)
  return pemBlocks(bytes, 'CERTIFICATE').flatMap((block) => signingKey(block) ?? [])
}

function isCertificate(text: string): boolean {
  return text.includes('-----BEGIN') || (text.length > 300 && /^[A-Za-z0-9+/=\s]+$/.test(text))
}

export function signingKey({ label, der }: PemBlock): SigningKey | undefined {
  try {
    const key = label.endsWith('CERTIFICATE') ? new X509Certificate(der).publicKey : publicKey(label, der)
    const fingerprint = createHash('sha256')
      .update(key.export({ type: 'spki', format: 'der' }))
      .digest('hex')
    return { key, fingerprint }
  } catch {
    return undefined
  }
}

function publicKey(label: string, der: Buffer): KeyObject {
  return createPublicKey({ key: der, format: 'der', type: label.startsWith('RSA') ? 'pkcs1' : 'spki' })
}

/** Throws `CorpusError` for a key that cannot be read. */
export function readPrivateKeys(folder: string, file: string): readonly KeyObject[] {
  const blocks = pemBlocks(readBytes(folder, file), 'PRIVATE KEY').filter(({ label }) => label.endsWith('PRIVATE KEY'))
  return blocks.map(({ label, der }) => {
    const type = label.startsWith('RSA') ? 'pkcs1' : label.startsWith('EC') ? 'sec1' : 'pkcs8'
    try {
      return createPrivateKey({ key: der, format: 'der', type })
    } catch (error) {
      throw new CorpusError(`${file}: ${(error as Error).message}`)
    }
  })
}

function readBytes(folder: string, file: string): Buffer {
  try {
    return readFileSync(join(folder, file))
  } catch (error) {
    throw new CorpusError(`${file}: ${(error as Error).message}`)
  }
}
