import { createPublicKey } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import type { TrustSettings } from '../../src/saml/index.ts'
import { type LogoutCase, logoutInput } from './logout-input.ts'
import { longDocument } from './long-document.ts'
import { type MetadataCase, metadataInput } from './metadata-input.ts'
import { mutate, rewrite } from './mutate.ts'
import { Random } from './random.ts'
import { randomDocument } from './random-document.ts'
import { acsUrl, identityProvider, now, serviceProvider, signedMessage } from './signed-message.ts'
import type { SigningPair } from './signing-key.ts'

/** A message to be changed, with what it is verified with. */
export interface BaseMessage {
  readonly name: string
  readonly xml: string
  readonly trust: TrustSettings
  readonly now: Date
  /** Path of the PEM file of each key, by its fingerprint. */
  readonly keyFiles: ReadonlyMap<string, string>
}

export interface Input {
  readonly kind: string
  readonly xml: string
  /** Absent: no message, compare canonical forms only. */
  readonly message?: BaseMessage
  readonly metadata?: MetadataCase
  /** With it, `xml` is what arrived: a query, or the field of a form. */
  readonly logout?: LogoutCase
}

const fixtures = 'test/fixtures'
const plainSettings = new Set([
  'identityProviderEntityId',
  'serviceProviderEntityId',
  'acsUrl',
  'signingKeys',
  'now',
  'wantAssertionsSigned',
  'wantResponseSigned',
  'allowIdpInitiated',
  'clockSkewSeconds',
  'maxAuthnAgeSeconds',
  'maxUnsolicitedAgeSeconds',
])

/** The fixtures of `npm test`, good ones and attacks: what is nearest to breaking something is worth changing a little. */
export function readFixtures(): readonly BaseMessage[] {
  return readdirSync(`${fixtures}/saml`)
    .sort()
    .flatMap((name) => {
      const folder = `${fixtures}/saml/${name}`
      const { now, signingKeys, ...settings } = JSON.parse(readFileSync(`${folder}/settings.json`, 'utf8'))
      const usable =
        existsSync(`${folder}/response.xml`) && Object.keys(settings).every((key) => plainSettings.has(key))
      if (!usable) return []
      const keyFiles = new Map<string, string>(
        signingKeys.map((key: string) => [key, `${fixtures}/saml-keys/${key}.pem`]),
      )
      const keys = [...keyFiles].map(([fingerprint, file]) => ({
        key: createPublicKey(readFileSync(file)),
        fingerprint,
      }))
      return {
        name,
        xml: readFileSync(`${folder}/response.xml`, 'utf8'),
        trust: { ...settings, signingKeys: keys },
        now: new Date(now),
        keyFiles,
      }
    })
}

export interface InputSource {
  readonly seed: string
  readonly fixtures: readonly BaseMessage[]
  readonly pair: SigningPair
  /** A certificate of the pair's key, base64 of the DER form. */
  readonly certificate: string
  readonly keyFile: string
}

/** The input of a number: always the same for one seed. */
export function makeInput(source: InputSource, index: number): { readonly input: Input; readonly random: Random } {
  const random = new Random(`${source.seed}/${index}`)
  if (random.chance(0.06)) return { random, input: metadataInput(source, random) }
  if (random.chance(0.06)) return { random, input: logoutInput(source.pair, random) }
  const choice = random.below(100)
  if (choice < 35) return { random, input: { kind: 'document', xml: randomDocument(random) } }
  if (choice < 48) return { random, input: { kind: 'document mutated', xml: mutate(randomDocument(random), random) } }
  if (choice < 53) return { random, input: longInput(source, random) }
  const fresh = random.chance(0.4)
  const message = fresh ? freshMessage(source, random) : random.pick(source.fixtures)
  const name = fresh ? 'message' : 'fixture'
  if (choice < 57 && fresh) return { random, input: { kind: name, xml: message.xml, message } }
  if (choice < 75) return { random, input: { kind: `${name} rewritten`, xml: rewrite(message.xml, random), message } }
  return { random, input: { kind: `${name} mutated`, xml: mutate(message.xml, random), message } }
}

function freshMessage({ pair, keyFile }: InputSource, random: Random): BaseMessage {
  return {
    name: 'message',
    xml: signedMessage(random, pair),
    trust: {
      identityProviderEntityId: identityProvider,
      serviceProviderEntityId: serviceProvider,
      acsUrl,
      signingKeys: [{ key: pair.publicKey, fingerprint: 'fuzz' }],
    },
    now,
    keyFiles: new Map([['fuzz', keyFile]]),
  }
}

/** Alone, or inside a message that is good otherwise. */
function longInput(source: InputSource, random: Random): Input {
  const xml = longDocument(random)
  if (random.chance(0.5)) return { kind: 'long document', xml }
  const message = random.pick(source.fixtures)
  const at = message.xml.lastIndexOf('</')
  return { kind: 'long message', xml: message.xml.slice(0, at) + xml + message.xml.slice(at), message }
}
