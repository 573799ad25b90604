import { createPublicKey, type KeyObject, sign } from 'node:crypto'

/**
 * Writes a self-signed X.509 certificate (RFC 5280) around a key pair: the wrapper in which SAML metadata carries a
 * public key. Nobody validates a chain through it; metadata is what makes the key trusted (SAML Metadata Interoperability
 * Profile 2.6.1). See docs/decisions/0020.
 */

export interface SelfSignedCertificateOptions {
  /** RSA or EC. */
  readonly privateKey: KeyObject
  /** Becomes the one RDN of issuer and subject: `CN=…`. At most 64 characters (RFC 5280 appendix A.1). */
  readonly commonName: string
  readonly notBefore: Date
  readonly notAfter: Date
  /** What the key is for; stands in KeyUsage. Default `signing`. */
  readonly use?: 'signing' | 'encryption'
  /** Makes the serial number: 16 random bytes. */
  readonly randomBytes: (size: number) => Buffer
}

/** Gives the DER form. Signed with SHA-256. */
export function writeSelfSignedCertificate(options: SelfSignedCertificateOptions): Buffer {
  const { privateKey, notBefore, notAfter } = options
  const name = sequence(set(sequence(oid('2.5.4.3'), utf8String(options.commonName.slice(0, 64)))))
  const algorithm = signatureAlgorithm(privateKey)
  const content = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(options.randomBytes(16)),
    algorithm,
    name,
    sequence(time(notBefore), time(notAfter)),
    name,
    createPublicKey(privateKey).export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(endEntity, options.use === 'encryption' ? onlyForKeys : onlyForSignatures)),
  )
  return sequence(content, algorithm, bitString(sign('sha256', content, privateKey)))
}

function signatureAlgorithm(key: KeyObject): Buffer {
  if (key.asymmetricKeyType === 'ec') return sequence(oid('1.2.840.10045.4.3.2'))
  return sequence(oid('1.2.840.113549.1.1.11'), tagged(0x05))
}

/** DER: tag, length, content. X.690 8.1. */
function tagged(tag: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  return Buffer.concat([Buffer.from([tag]), length(content.length), content])
}

function length(size: number): Buffer {
  if (size < 0x80) return Buffer.from([size])
  const bytes = Buffer.from(size.toString(16).padStart(size > 0xff ? 4 : 2, '0'), 'hex')
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes])
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, ...parts)
}

function set(...parts: readonly Buffer[]): Buffer {
  return tagged(0x31, ...parts)
}

/** A positive INTEGER: the first bit of the first byte is the sign, so it is cleared, and the byte must not be zero. */
function integer(bytes: Buffer): Buffer {
  const first = (bytes[0] ?? 0) & 0x7f
  return tagged(0x02, Buffer.from([first === 0 ? 1 : first]), bytes.subarray(1))
}

function utf8String(text: string): Buffer {
  return tagged(0x0c, Buffer.from(text, 'utf8'))
}

function bitString(bytes: Buffer): Buffer {
  return tagged(0x03, Buffer.from([0]), bytes)
}

/** UTCTime until 2049, GeneralizedTime from 2050 on. RFC 5280 4.1.2.5. */
function time(at: Date): Buffer {
  const digits = `${at.toISOString().slice(0, 19).replace(/[-:T]/g, '')}Z`
  if (at.getUTCFullYear() < 2050) return tagged(0x17, Buffer.from(digits.slice(2)))
  return tagged(0x18, Buffer.from(digits))
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return tagged(0x06, Buffer.from([first * 40 + second, ...rest.flatMap(base128)]))
}

function base128(value: number): readonly number[] {
  const digits = [value & 0x7f]
  for (let rest = value >> 7; rest > 0; rest >>= 7) digits.unshift(0x80 | (rest & 0x7f))
  return digits
}

function extension(id: string, value: Buffer): Buffer {
  const critical = tagged(0x01, Buffer.from([0xff]))
  return sequence(oid(id), critical, tagged(0x04, value))
}

/** BasicConstraints with nothing in it: not an authority. RFC 5280 4.2.1.9. */
const endEntity = extension('2.5.29.19', sequence())
/** KeyUsage digitalSignature, the first of eight bits. RFC 5280 4.2.1.3. */
const onlyForSignatures = extension('2.5.29.15', tagged(0x03, Buffer.from([7, 0x80])))
/** KeyUsage keyEncipherment, the third: it opens the keys that messages are encrypted with. */
const onlyForKeys = extension('2.5.29.15', tagged(0x03, Buffer.from([5, 0x20])))
