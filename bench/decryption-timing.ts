import { constants, generateKeyPairSync, type KeyObject, publicEncrypt, randomBytes, randomInt } from 'node:crypto'
import { isLatchkeyError } from '../src/errors.ts'
import { type DecodedResponse, decodeResponse, type TrustSettings, verifyResponse } from '../src/saml/index.ts'
import { median } from './measure.ts'
import { newIdentityProvider, serviceProvider, trustIn } from './response.ts'

/**
 * Whether the time that a refusal takes tells why decryption failed. Several kinds of ciphertext, each wrong in another
 * way, in random order; then Welch's t-test between each kind and the first one, on the faster half of the times,
 * because whatever disturbs a machine makes it slower. Stated before measuring: below 4.5 (one in 100,000 by chance) the kinds are not told apart.
 *
 * This is a measurement, not a test: a busy machine can make it fail, and nothing is refused because of it.
 */
export async function runDecryptionTiming({ batches = 60 }: { readonly batches?: number } = {}): Promise<void> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kinds = await makeKinds(publicKey)
  const provider = await newIdentityProvider()
  const trust: TrustSettings = { ...trustIn(provider), decryptionKeys: [privateKey] }
  const person = { nameId: 'nina', attributes: { groups: ['staff', 'new hires'] } }
  const { xml } = provider.issueResponse({ serviceProvider, person, encrypt: { publicKey } })
  const times = new Map(kinds.map(({ name }) => [name, [] as number[]]))
  for (let batch = -1; batch < batches; batch++) {
    // All messages are made before the first is timed: making one kind may leave the caches in another state than another.
    const messages = Array.from({ length: batchSize }, () => newMessage(kinds, xml))
    for (const { kind, response } of messages) {
      const microseconds = timeRefusal(response, trust)
      if (batch >= 0) times.get(kind)?.push(microseconds)
    }
  }
  print(times)
}

const batchSize = 600

function newMessage(kinds: readonly Kind[], xml: string) {
  const { name: kind, alter } = kinds[randomInt(kinds.length)] ?? { name: '', alter: (text: string) => text }
  return { kind, response: decodeResponse(Buffer.from(alter(xml)).toString('base64')) }
}

interface Kind {
  readonly name: string
  /** A message whose decryption fails in this way, another one each time. */
  readonly alter: (xml: string) => string
}

async function makeKinds(publicKey: KeyObject): Promise<readonly Kind[]> {
  const withKey = (wrapped: () => Buffer) => (xml: string) => replaceValue(xml, 0, wrapped())
  const raw = (change: (block: Buffer) => void) => () => {
    const block = randomBytes(256)
    block[0] = 0
    change(block)
    return publicEncrypt({ key: publicKey, padding: constants.RSA_NO_PADDING }, block)
  }
  const oaep = (key: Buffer, oaepHash: string) =>
    publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, key)
  return [
    {
      name: 'right key, changed content',
      alter: (xml) => replaceValue(xml, 1, randomBytes(cipherValue(xml, 1).length)),
    },
    { name: 'another right key', alter: withKey(() => oaep(randomBytes(32), 'sha1')) },
    { name: 'first byte zero, no padding behind it', alter: withKey(raw(() => undefined)) },
    // Manger 2001: telling this one from the one above gives the key away in about a thousand questions.
    { name: 'first byte not zero', alter: withKey(raw((block) => block.writeUInt8(1 + randomInt(0x70)))) },
    { name: 'another label', alter: withKey(() => oaep(randomBytes(32), 'sha256')) },
    { name: 'a key of another length', alter: withKey(() => oaep(randomBytes(16), 'sha1')) },
  ]
}

const value = /<xenc:CipherValue>([^<]*)</g

function cipherValue(xml: string, index: number): Buffer {
  return Buffer.from([...xml.matchAll(value)][index]?.[1] ?? '', 'base64')
}

function replaceValue(xml: string, index: number, bytes: Buffer): string {
  let at = 0
  return xml.replace(value, (all) => (at++ === index ? `<xenc:CipherValue>${bytes.toString('base64')}<` : all))
}

function timeRefusal(response: DecodedResponse, trust: TrustSettings): number {
  const now = new Date()
  const begun = process.hrtime.bigint()
  try {
    verifyResponse(response, trust, now)
  } catch (error) {
    const microseconds = Number(process.hrtime.bigint() - begun) / 1000
    if (isLatchkeyError(error, 'saml_decryption_failed')) return microseconds
    throw error
  }
  throw new Error(`accepted by ${serviceProvider.entityId}`)
}

const threshold = 4.5

function print(times: ReadonlyMap<string, readonly number[]>): void {
  const [[, first] = ['', []]] = times
  console.log(
    `decryption timing: RSA-2048, AES-256-GCM; Welch's t against the first line, told apart from ${threshold} on`,
  )
  for (const [name, all] of times) {
    const t = welch(fasterHalf(all), fasterHalf(first))
    const verdict = Math.abs(t) < threshold ? 'not told apart' : 'TOLD APART'
    console.log(
      `  ${name.padEnd(40)} ${median(all).toFixed(1).padStart(8)} µs median of ${all.length}, t = ${t.toFixed(2).padStart(6)}  ${verdict}`,
    )
  }
}

function fasterHalf(times: readonly number[]): readonly number[] {
  return [...times].sort((one, other) => one - other).slice(0, Math.floor(times.length / 2))
}

function welch(one: readonly number[], other: readonly number[]): number {
  const [first, second] = [moments(one), moments(other)]
  const error = Math.sqrt(first.variance / one.length + second.variance / other.length)
  return error === 0 ? 0 : (first.mean - second.mean) / error
}

function moments(values: readonly number[]): { readonly mean: number; readonly variance: number } {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  const variance = values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (values.length - 1)
  return { mean, variance }
}
