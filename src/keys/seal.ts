import { createCipheriv, createDecipheriv } from 'node:crypto'
import { LatchkeyError } from '../errors.ts'

/**
 * Seals a text under the installation's secret: AES-256-GCM, bound to a context so that one sealed value cannot stand in for
 * another. Form: `v1.{nonce}.{tag}.{ciphertext}`, each part base64url. The nonce is 96 random bits; the few keys an installation
 * ever seals stay far below the 2³² messages for which that is safe (NIST SP 800-38D 8.3).
 */
export interface SealOptions {
  /** 32 bytes. */
  readonly secret: Buffer
  /** What the text is, for example `saml-signing:{id}`; must be the same when it is opened. */
  readonly context: string
}

export function seal(text: string, options: SealOptions & { readonly randomBytes: (size: number) => Buffer }): string {
  checkSecret(options.secret)
  const nonce = options.randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', options.secret, nonce).setAAD(Buffer.from(options.context, 'utf8'))
  const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
  return ['v1', ...[nonce, cipher.getAuthTag(), ciphertext].map((part) => part.toString('base64url'))].join('.')
}

/** Throws `secret_wrong` when the secret, the context or the sealed text is another than when it was sealed. */
export function unseal(sealed: string, options: SealOptions): string {
  checkSecret(options.secret)
  const { nonce, tag, ciphertext } = parse(sealed)
  const decipher = createDecipheriv('aes-256-gcm', options.secret, nonce, { authTagLength: 16 })
  decipher.setAAD(Buffer.from(options.context, 'utf8')).setAuthTag(tag)
  try {
    return Buffer.concat([decipher.update(ciphertext), decipher.final()]).toString('utf8')
  } catch (error) {
    throw new LatchkeyError('secret_wrong', { check: 'unseal', at: options.context }, { cause: error })
  }
}

function parse(sealed: string) {
  const match = /^v1\.([\w-]{16})\.([\w-]{22})\.([\w-]+)$/.exec(sealed)
  const [nonce, tag, ciphertext] = (match?.slice(1) ?? []).map((part) => Buffer.from(part, 'base64url'))
  if (nonce && tag && ciphertext) return { nonce, tag, ciphertext }
  throw new LatchkeyError('secret_wrong', { check: 'form of a sealed key', wanted: 'v1.nonce.tag.ciphertext' })
}

function checkSecret(secret: Buffer): void {
  if (secret.length === 32) return
  throw new LatchkeyError('configuration_invalid', {
    check: 'secret',
    wanted: '32 bytes',
    arrived: `${secret.length} bytes`,
    advice: 'Make one with: openssl rand -base64 32',
  })
}
