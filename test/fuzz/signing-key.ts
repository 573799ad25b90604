import { checkPrimeSync, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { writeSelfSignedCertificate } from '../../src/keys/self-signed-certificate.ts'
import type { Random } from './random.ts'

export interface SigningPair {
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

const exponent = 65537n

/** An RSA key of 2048 bits that the seed decides, so that a whole run can be repeated. Worthless as a secret. */
export function makeSigningPair(random: Random): SigningPair {
  const p = makePrime(random)
  const q = makePrime(random)
  const d = inverse(exponent, (p - 1n) * (q - 1n))
  const numbers = { n: p * q, e: exponent, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const jwk = Object.fromEntries(Object.entries(numbers).map(([name, value]) => [name, base64url(value)]))
  const privateKey = createPrivateKey({ key: { kty: 'RSA', ...jwk }, format: 'jwk' })
  return { privateKey, publicKey: createPublicKey(privateKey) }
}

/** Base64 of the DER form; always the same for a pair. */
export function certificateOf({ privateKey }: SigningPair): string {
  const [notBefore, notAfter] = [new Date('2026-01-01T00:00:00Z'), new Date('2036-01-01T00:00:00Z')]
  const randomBytes = (size: number) => Buffer.alloc(size, 7)
  return writeSelfSignedCertificate({ privateKey, commonName: 'fuzz', notBefore, notAfter, randomBytes }).toString(
    'base64',
  )
}

/** 1024 bits, the two highest set, so that the product of two has 2048. */
function makePrime(random: Random): bigint {
  let candidate = random.bits(1024) | (3n << 1022n) | 1n
  while (!checkPrimeSync(candidate) || candidate % exponent === 1n) candidate += 2n
  return candidate
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [before, rest] = [modulus, value % modulus]
  let [beforeFactor, factor] = [0n, 1n]
  while (rest !== 0n) {
    const quotient = before / rest
    ;[before, rest] = [rest, before - quotient * rest]
    ;[beforeFactor, factor] = [factor, beforeFactor - quotient * factor]
  }
  return ((beforeFactor % modulus) + modulus) % modulus
}

function base64url(value: bigint): string {
  const hex = value.toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}
