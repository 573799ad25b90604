// Keys that live as long as the generator runs, and signatures written by hand around canonical text.
import { createHash, createHmac, sign as cryptoSign, generateKeyPairSync } from 'node:crypto'

const ds = 'http://www.w3.org/2000/09/xmldsig#'
const more = 'http://www.w3.org/2001/04/xmldsig-more#'
const enc = 'http://www.w3.org/2001/04/xmlenc#'
export const exc = 'http://www.w3.org/2001/10/xml-exc-c14n#'
export const enveloped = `${ds}enveloped-signature`

/** Only the public halves are ever written to disk. */
export const keys = {
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'rsa-next': generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'rsa-weak': generateKeyPairSync('rsa', { modulusLength: 1024 }),
  attacker: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  p384: generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  p521: generateKeyPairSync('ec', { namedCurve: 'P-521' }),
  k256: generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  signer: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'signer-1024': generateKeyPairSync('rsa', { modulusLength: 1024 }),
  'signer-512': generateKeyPairSync('rsa', { modulusLength: 512 }),
  'signer-p256': generateKeyPairSync('ec', { namedCurve: 'P-256' }),
}

const digestUris = { sha1: `${ds}sha1`, sha256: `${enc}sha256`, sha384: `${more}sha384`, sha512: `${enc}sha512` }

export const transform = (algorithm, inside = '') => `<ds:Transform Algorithm="${algorithm}">${inside}</ds:Transform>`
export const prefixList = (list) =>
  `<ec:InclusiveNamespaces xmlns:ec="${exc}" PrefixList="${list}"></ec:InclusiveNamespaces>`

const digestOf = (hash, text) => createHash(hash).update(text).digest('base64')

function reference(text, options) {
  const { id, hash, digestHash = hash, uri = `#${id}`, transforms = transform(enveloped) + transform(exc) } = options
  const method = options.digestMethod ?? digestUris[digestHash]
  return `<ds:Reference URI="${uri}"><ds:Transforms>${transforms}</ds:Transforms><ds:DigestMethod Algorithm="${method}"></ds:DigestMethod><ds:DigestValue>${digestOf(digestHash, text)}</ds:DigestValue></ds:Reference>`
}

function signatureMethod(key, hash) {
  const type = key.asymmetricKeyType === 'ec' ? 'ecdsa' : 'rsa'
  return hash === 'sha1' ? `${ds}${type}-sha1` : `${more}${type}-${hash}`
}

function signatureValue(text, options) {
  if (options.hmac !== undefined) return createHmac('sha256', options.hmac).update(text).digest('base64')
  return cryptoSign(options.hash, Buffer.from(text), {
    key: options.key,
    dsaEncoding: options.derSignature ? 'der' : 'ieee-p1363',
  }).toString('base64')
}

/**
 * A ds:Signature over canonical text. Options: id, keyName, hash, digestHash, method, uri, transforms, canonicalization,
 * canonicalizationInside, signedInfo (changes SignedInfo before it is signed), hmac, keyInfo.
 */
export function signature(text, given) {
  const { keyName = 'rsa', hash = 'sha256', signedInfo = (info) => info, keyInfo = '' } = given
  const key = keys[keyName].privateKey
  const options = { ...given, key, hash }
  const { canonicalization = exc, canonicalizationInside = '', method = signatureMethod(key, hash) } = given
  const info = signedInfo(
    `<ds:SignedInfo xmlns:ds="${ds}"><ds:CanonicalizationMethod Algorithm="${canonicalization}">${canonicalizationInside}</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="${method}"></ds:SignatureMethod>${reference(text, options)}</ds:SignedInfo>`,
  )
  return `<ds:Signature xmlns:ds="${ds}">${info.replace(` xmlns:ds="${ds}"`, '')}<ds:SignatureValue>${signatureValue(info, options)}</ds:SignatureValue>${keyInfo}</ds:Signature>`
}

/** Puts a signature where the schema wants it: after the Issuer of the element that the text begins with. */
export function insert(signatureText, text) {
  const at = text.indexOf('</saml:Issuer>') + '</saml:Issuer>'.length
  return text.slice(0, at) + signatureText + text.slice(at)
}

const idOf = (text) => / ID="([^"]*)"/.exec(text)[1]

/** Signs the element that the canonical text is. `change` alters the finished Signature. */
export function signed(text, options = {}) {
  const { change = (signatureText) => signatureText } = options
  return insert(change(signature(text, { id: idOf(text), ...options })), text)
}
