import { createHash, createPrivateKey, createPublicKey, type KeyObject, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { SigningKey } from '../../src/saml/index.ts'
import { CorpusError } from './corpus-case.ts'

interface PemBlock {
  readonly label: string
  readonly der: Buffer
}

/** Read as others wrote it: line breaks may be missing, and without any label it is a certificate. */
function pemBlocks(text: string, labelOtherwise: string): readonly PemBlock[] {
  const blocks = [...text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END/g)]
  if (blocks.length === 0) return [{ label: labelOtherwise, der: Buffer.from(text, 'base64') }]
  return blocks.map(([, label = '', body = '']) => ({ label, der: Buffer.from(body, 'base64') }))
}

/**
 * The trusted keys of a file, which holds certificates or public keys, or of a certificate that stands in the index
 * itself. One that cannot be used is no key: some cases are about just that.
 */
export function readSigningKeys(folder: string, file: string): readonly SigningKey[] {
  const text = file.includes('/') || existsSync(join(folder, file)) ? readText(folder, file) : file
  return pemBlocks(text, 'CERTIFICATE').flatMap((block) => signingKey(block) ?? [])
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
  const blocks = pemBlocks(readText(folder, file), 'PRIVATE KEY').filter(({ label }) => label.endsWith('PRIVATE KEY'))
  return blocks.map(({ label, der }) => {
    const type = label.startsWith('RSA') ? 'pkcs1' : label.startsWith('EC') ? 'sec1' : 'pkcs8'
    try {
      return createPrivateKey({ key: der, format: 'der', type })
    } catch (error) {
      throw new CorpusError(`${file}: ${(error as Error).message}`)
    }
  })
}

function readText(folder: string, file: string): string {
  try {
    return readFileSync(join(folder, file), 'utf8')
  } catch (error) {
    throw new CorpusError(`${file}: ${(error as Error).message}`)
  }
}
