/**
 * An ECDSA signature beside a redirect, as the two numbers side by side that XML Signature has (RFC 9231 section 2.3.6).
 * SAML Bindings 3.4.4.1 does not say how to write it, and some products send the DER sequence that their library gives.
 *
 * Side by side it is 64, 96 or 132 bytes long, for the three curves there are. A signature of any of these lengths is left
 * as it is; of any other, it is read as DER, strictly, into the smallest of the three that has room. So no signature is read in
 * two ways, and whichever way it is read, a configured key must verify it. What is no DER stays as it is, and verifies nothing.
 */
export function sideBySide(signature: Buffer): Buffer {
  if (lengths.includes(signature.length)) return signature
  const [r, s, ...more] = readSequence(signature) ?? []
  if (r === undefined || s === undefined || more.length > 0) return signature
  const length = lengths.find((each) => Math.max(r.length, s.length) <= each / 2)
  if (length === undefined) return signature
  const written = Buffer.alloc(length)
  r.copy(written, length / 2 - r.length)
  s.copy(written, length - s.length)
  return written
}

/** P-256, P-384, P-521. */
const lengths: readonly number[] = [64, 96, 132]

/** The positive integers of `SEQUENCE { r INTEGER, s INTEGER }` (X.690), without leading zeros; undefined for any other octets. */
function readSequence(der: Buffer): readonly Buffer[] | undefined {
  const content = readElement(der, 0x30)
  if (content === undefined || content.end !== der.length) return undefined
  const numbers: Buffer[] = []
  for (let rest = content.value; rest.length > 0; ) {
    const number = readElement(rest, 0x02)
    const bytes = number && positive(number.value)
    if (number === undefined || bytes === undefined) return undefined
    numbers.push(bytes)
    rest = rest.subarray(number.end)
  }
  return numbers
}

/** The length is one octet, or 0x81 and one: a sequence for P-521 needs that. */
function readElement(der: Buffer, tag: number): { readonly value: Buffer; readonly end: number } | undefined {
  if (der.length < 2 || der[0] !== tag) return undefined
  const isLong = der[1] === 0x81
  const length = der[isLong ? 2 : 1] ?? 0
  const start = isLong ? 3 : 2
  const isShortest = isLong ? length >= 0x80 : length < 0x80
  const end = start + length
  return isShortest && end <= der.length ? { value: der.subarray(start, end), end } : undefined
}

/** In the one spelling that DER has: a zero in front only where the number would be negative without it. */
function positive(bytes: Buffer): Buffer | undefined {
  const [first = 0x80, second = 0] = bytes
  if (first >= 0x80) return undefined
  if (first !== 0) return bytes
  return second >= 0x80 ? bytes.subarray(1) : undefined
}
