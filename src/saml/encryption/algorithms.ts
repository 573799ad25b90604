/**
 * The algorithms of XML Encryption that are accepted. A URI that is not in these tables is refused by name: PKCS#1 v1.5
 * and Triple DES among them, for both have been broken in this very use.
 */

export type ContentAlgorithm =
  | { readonly mode: 'gcm'; readonly cipher: 'aes-128-gcm' | 'aes-192-gcm' | 'aes-256-gcm'; readonly keyBytes: number }
  | { readonly mode: 'cbc'; readonly cipher: 'aes-128-cbc' | 'aes-192-cbc' | 'aes-256-cbc'; readonly keyBytes: number }

const xmlenc = 'http://www.w3.org/2001/04/xmlenc#'
const xmlenc11 = 'http://www.w3.org/2009/xmlenc11#'

/** XML Encryption 1.1 section 5.2. */
export const contentAlgorithms: ReadonlyMap<string, ContentAlgorithm> = new Map([
  [`${xmlenc11}aes256-gcm`, { mode: 'gcm', cipher: 'aes-256-gcm', keyBytes: 32 }],
  [`${xmlenc11}aes192-gcm`, { mode: 'gcm', cipher: 'aes-192-gcm', keyBytes: 24 }],
  [`${xmlenc11}aes128-gcm`, { mode: 'gcm', cipher: 'aes-128-gcm', keyBytes: 16 }],
  [`${xmlenc}aes256-cbc`, { mode: 'cbc', cipher: 'aes-256-cbc', keyBytes: 32 }],
  [`${xmlenc}aes192-cbc`, { mode: 'cbc', cipher: 'aes-192-cbc', keyBytes: 24 }],
  [`${xmlenc}aes128-cbc`, { mode: 'cbc', cipher: 'aes-128-cbc', keyBytes: 16 }],
])

/** SHA-1 is no weakness here: OAEP needs no collision resistance. */
export type OaepHash = 'sha1' | 'sha256' | 'sha384' | 'sha512'

/** RSA-OAEP with MGF1 fixed to SHA-1, and with MGF1 chosen. XML Encryption 1.1 section 5.5.2. */
export const rsaOaepMgf1p = `${xmlenc}rsa-oaep-mgf1p`
export const rsaOaep = `${xmlenc11}rsa-oaep`

export const oaepDigests: ReadonlyMap<string, OaepHash> = new Map([
  ['http://www.w3.org/2000/09/xmldsig#sha1', 'sha1'],
  [`${xmlenc}sha256`, 'sha256'],
  ['http://www.w3.org/2001/04/xmldsig-more#sha384', 'sha384'],
  [`${xmlenc}sha512`, 'sha512'],
])

export const maskFunctions: ReadonlyMap<string, OaepHash> = new Map([
  [`${xmlenc11}mgf1sha1`, 'sha1'],
  [`${xmlenc11}mgf1sha256`, 'sha256'],
  [`${xmlenc11}mgf1sha384`, 'sha384'],
  [`${xmlenc11}mgf1sha512`, 'sha512'],
])
