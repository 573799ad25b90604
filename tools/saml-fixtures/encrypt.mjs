// XML Encryption written by hand, with every part replaceable. The padding is written here too, because OpenSSL's interface
// in Node has one hash for label and mask. The private keys are kept: they open test messages and nothing else.
import { constants, createCipheriv, createHash, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto'

const ds = 'http://www.w3.org/2000/09/xmldsig#'
const xenc = 'http://www.w3.org/2001/04/xmlenc#'
const xenc11 = 'http://www.w3.org/2009/xmlenc11#'
export const digestUris = {
  sha1: `${ds}sha1`,
  sha256: `${xenc}sha256`,
  sha384: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
  sha512: `${xenc}sha512`,
}

export const decryptionKeys = {
  'test-only-decryption': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'test-only-former-decryption': generateKeyPairSync('rsa', { modulusLength: 2048 }),
}
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 })

const xor = (one, other) => Buffer.from(one.map((byte, index) => byte ^ other[index]))

function mask(seed, length, hash) {
  const blocks = []
  for (let counter = 0; blocks.length * 20 < length + 64; counter++) {
    const number = Buffer.alloc(4)
    number.writeUInt32BE(counter)
    blocks.push(createHash(hash).update(seed).update(number).digest())
  }
  return Buffer.concat(blocks).subarray(0, length)
}

/** RFC 8017 section 7.1.1. */
function wrapOaep(message, publicKey, { digest = 'sha1', mgf = 'sha1', label = '' }) {
  const labelHash = createHash(digest).update(label, 'base64').digest()
  const padding = Buffer.alloc(256 - message.length - 2 * labelHash.length - 2)
  const content = Buffer.concat([labelHash, padding, Buffer.of(1), message])
  const seed = randomBytes(labelHash.length)
  const masked = xor(content, mask(seed, content.length, mgf))
  const block = Buffer.concat([Buffer.of(0), xor(seed, mask(masked, seed.length, mgf)), masked])
  return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block)
}

function encryptContent(text, name, key) {
  const [, bits, mode] = name.split('-')
  if (mode === 'gcm') {
    const nonce = randomBytes(12)
    const cipher = createCipheriv(`aes-${bits}-gcm`, key, nonce)
    return Buffer.concat([nonce, cipher.update(text), cipher.final(), cipher.getAuthTag()])
  }
  const vector = randomBytes(16)
  const cipher = createCipheriv(`aes-${bits}-cbc`, key, vector).setAutoPadding(false)
  const bytes = Buffer.from(text)
  // Only the last byte of the padding says anything: XML Encryption 5.2.
  const padding = randomBytes(16 - (bytes.length % 16))
  padding[padding.length - 1] = padding.length
  return Buffer.concat([vector, cipher.update(Buffer.concat([bytes, padding])), cipher.final()])
}

const contentUri = (name) => {
  const [, bits, mode] = name.split('-')
  return mode === 'gcm' ? `${xenc11}aes${bits}-gcm` : `${xenc}aes${bits}-cbc`
}

const cipherData = (bytes) =>
  `<xenc:CipherData><xenc:CipherValue>${bytes.toString('base64')}</xenc:CipherValue></xenc:CipherData>`

const publicKeyOf = (name) => (name === 'stranger' ? stranger : decryptionKeys[name]).publicKey

/** An EncryptedKey. Options: to, digest, mgf, label, method, recipient, id, wrapped (the bytes), declarations. */
export function encryptedKey(key, options = {}) {
  const { to = 'test-only-decryption', digest, mgf, label, recipient, id, declarations = '' } = options
  const { method = mgf === undefined ? `${xenc}rsa-oaep-mgf1p` : `${xenc11}rsa-oaep` } = options
  const { wrapped = wrapOaep(key, publicKeyOf(to), { digest, mgf: options.mask ?? mgf, label }) } = options
  const parameters = [
    label === undefined ? '' : `<xenc:OAEPparams>${label}</xenc:OAEPparams>`,
    digest === undefined ? '' : `<ds:DigestMethod Algorithm="${digestUris[digest] ?? digest}"></ds:DigestMethod>`,
    mgf === undefined || options.noMgf
      ? ''
      : `<xenc11:MGF xmlns:xenc11="${xenc11}" Algorithm="${xenc11}mgf1${options.mgfName ?? mgf}"></xenc11:MGF>`,
  ]
  const attributes = `${id === undefined ? '' : ` Id="${id}"`}${recipient === undefined ? '' : ` Recipient="${recipient}"`}`
  return `<xenc:EncryptedKey${declarations}${attributes}><xenc:EncryptionMethod Algorithm="${method}">${parameters.join('')}</xenc:EncryptionMethod>${cipherData(wrapped)}</xenc:EncryptedKey>`
}

/** PKCS#1 v1.5, as it was before OAEP. */
export const wrapOld = (key) =>
  publicEncrypt({ key: publicKeyOf('test-only-decryption'), padding: constants.RSA_PKCS1_PADDING }, key)

const declared = ` xmlns:xenc="${xenc}" xmlns:ds="${ds}"`

/**
 * EncryptedData, with what stands beside it. Options: content, contentMethod, type, dataId, key (of the EncryptedKey), keys (several),
 * place (inside, beside, retrieval), changeContent, cipher (instead of CipherData).
 */
export function encryptedData(text, options = {}) {
  const { content = 'aes-256-gcm', type = `${xenc}Element`, dataId, place = 'inside' } = options
  const { changeContent = (bytes) => bytes, contentMethod = contentUri(content) } = options
  const key = randomBytes(Number(content.split('-')[1]) / 8)
  const given = options.keys ?? [options.key ?? {}]
  const made = given.map((each) => (typeof each === 'function' ? each(key) : each))
  const keys = made.map((each) => encryptedKey(key, { ...each, declarations: place === 'inside' ? '' : declared }))
  const retrieval = `<ds:KeyInfo xmlns:ds="${ds}"><ds:RetrievalMethod Type="${xenc}EncryptedKey" URI="#_key1"></ds:RetrievalMethod></ds:KeyInfo>`
  const info = { inside: `<ds:KeyInfo xmlns:ds="${ds}">${keys.join('')}</ds:KeyInfo>`, beside: '', retrieval }[place]
  const cipher = options.cipher ?? cipherData(changeContent(encryptContent(text, content, key)))
  const id = dataId === undefined ? '' : ` Id="${dataId}"`
  return `<xenc:EncryptedData xmlns:xenc="${xenc}"${id} Type="${type}"><xenc:EncryptionMethod Algorithm="${contentMethod}"></xenc:EncryptionMethod>${info}${cipher}</xenc:EncryptedData>${place === 'inside' ? '' : keys.join('')}`
}
