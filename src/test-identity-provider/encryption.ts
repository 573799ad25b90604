import { constants, createCipheriv, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto'
import { element } from './canonical-xml.ts'
import { signatureNamespace } from './signature.ts'

/**
 * Encrypts an element for a service provider: XML Encryption 1.1 section 5.2, 5.5.2. It shares nothing with the reader in
 * `saml/`. One key for each element, wrapped in its KeyInfo.
 */

const xmlenc = 'http://www.w3.org/2001/04/xmlenc#'
const xmlenc11 = 'http://www.w3.org/2009/xmlenc11#'

const contentUris = {
  'aes-128-gcm': `${xmlenc11}aes128-gcm`,
  'aes-192-gcm': `${xmlenc11}aes192-gcm`,
  'aes-256-gcm': `${xmlenc11}aes256-gcm`,
  'aes-128-cbc': `${xmlenc}aes128-cbc`,
  'aes-192-cbc': `${xmlenc}aes192-cbc`,
  'aes-256-cbc': `${xmlenc}aes256-cbc`,
} as const

const digestUris = {
  sha1: `${signatureNamespace}sha1`,
  sha256: `${xmlenc}sha256`,
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: `${xmlenc}sha512`,
} as const

export type ContentEncryption = keyof typeof contentUris

export interface EncryptionOptions {
  /** Of the service provider; RSA. */
  readonly publicKey: KeyObject
  /** Default `aes-256-gcm`. */
  readonly content?: ContentEncryption
  /** Hash of RSA-OAEP, of its label and of its mask. Default `sha1`, as most products have it. */
  readonly oaepHash?: keyof typeof digestUris
}

/** Gives the `xenc:EncryptedData` that stands for the element. */
export function writeEncrypted(xml: string, options: EncryptionOptions): string {
  const { content = 'aes-256-gcm' } = options
  const key = randomBytes(Number(content.slice(4, 7)) / 8)
  return element(
    'xenc:EncryptedData',
    { 'xmlns:xenc': xmlenc, Type: `${xmlenc}Element` },
    element('xenc:EncryptionMethod', { Algorithm: contentUris[content] }),
    element('ds:KeyInfo', { 'xmlns:ds': signatureNamespace }, writeEncryptedKey(key, options)),
    writeCipherData(encryptContent(Buffer.from(xml, 'utf8'), content, key)),
  )
}

function writeEncryptedKey(key: Buffer, { publicKey, oaepHash = 'sha1' }: EncryptionOptions): string {
  const wrapped = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, key)
  const digest = element('ds:DigestMethod', { Algorithm: digestUris[oaepHash] })
  const mask = element('xenc11:MGF', { 'xmlns:xenc11': xmlenc11, Algorithm: `${xmlenc11}mgf1${oaepHash}` })
  const method =
    oaepHash === 'sha1'
      ? element('xenc:EncryptionMethod', { Algorithm: `${xmlenc}rsa-oaep-mgf1p` }, digest)
      : element('xenc:EncryptionMethod', { Algorithm: `${xmlenc11}rsa-oaep` }, digest, mask)
  return element('xenc:EncryptedKey', {}, method, writeCipherData(wrapped))
}

function writeCipherData(bytes: Buffer): string {
  return element('xenc:CipherData', {}, element('xenc:CipherValue', {}, bytes.toString('base64')))
}

function encryptContent(plaintext: Buffer, content: ContentEncryption, key: Buffer): Buffer {
  switch (content) {
    case 'aes-128-gcm':
    case 'aes-192-gcm':
    case 'aes-256-gcm': {
      const nonce = randomBytes(12)
      const cipher = createCipheriv(content, key, nonce)
      return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()])
    }
    default: {
      // What PKCS#7 pads is a case of what XML Encryption allows.
      const vector = randomBytes(16)
      const cipher = createCipheriv(content, key, vector)
      return Buffer.concat([vector, cipher.update(plaintext), cipher.final()])
    }
  }
}
