import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { ServiceKeyDirectory } from '../directory/directory.ts'
import type { ServiceKey } from '../directory/service-key.ts'
import { LatchkeyError } from '../errors.ts'
import { seal, unseal } from './seal.ts'
import { createJwtKey, createSigningKey, type KeyDependencies, type PublicJwk } from './signing-key.ts'

/**
 * The keys of this installation: made once, kept sealed in the storage, the same on every node. It knows nothing of what
 * they sign. Start reading here; `seal.ts` is how they rest, `signing-key.ts` how they are born.
 */
export interface ServiceKeys {
  readonly jwt: JwtKey
  readonly samlSigning: SamlSigningKey
  readonly samlEncryption: SamlEncryptionKey
}

export interface JwtKey {
  readonly privateKey: KeyObject
  readonly kid: string
  readonly algorithm: 'ES256'
  /** What `/.well-known/jwks.json` answers. */
  readonly publicJwks: { readonly keys: readonly PublicJwk[] }
}

export interface SamlSigningKey {
  readonly privateKey: KeyObject
  readonly certificateBase64: string
  /** What our metadata publishes: the one that signs, then the next. */
  readonly certificates: readonly string[]
}

export interface SamlEncryptionKey {
  /** Base64 of the DER form: what our metadata publishes. */
  readonly certificateBase64: string
  /** All that are kept, the current one first: what was encrypted before or after a change of keys can be opened. */
  readonly decryptionKeys: readonly KeyObject[]
}

/**
 * Reads the keys, makes those that are missing. Of several processes that start together the first to write wins and all
 * use its keys. The key promoted last signs; a next one waits until the world has seen it. Throws `secret_wrong` when the storage was sealed
 * under another secret, `configuration_invalid` when the secret is not 32 bytes.
 */
export async function ensureKeys(
  directory: ServiceKeyDirectory,
  secret: Buffer,
  deps: KeyDependencies,
): Promise<ServiceKeys> {
  const jwt = await ensure(directory, 'jwt', () => newServiceKey('jwt', secret, deps))
  const samlSigning = await ensure(directory, 'saml-signing', () => newServiceKey('saml-signing', secret, deps))
  const samlEncryption = await ensure(directory, 'saml-encryption', () =>
    newServiceKey('saml-encryption', secret, deps),
  )
  return {
    jwt: openJwtKey(jwt, secret),
    samlSigning: openSamlSigningKey(samlSigning, secret),
    samlEncryption: openSamlEncryptionKey(samlEncryption, secret),
  }
}

/**
 * What opens encrypted assertions, of an installation that may never have started: nothing is made. The secret is asked for
 * only when there is a key. Throws `secret_wrong`, and what asking for the secret throws.
 */
export async function readDecryptionKeys(
  directory: Pick<ServiceKeyDirectory, 'listServiceKeys'>,
  secret: () => Buffer,
): Promise<readonly KeyObject[]> {
  const keys = await directory.listServiceKeys('saml-encryption')
  return keys.map((key) => open(key, secret()))
}

interface Keys {
  /** The one that signs. */
  readonly current: ServiceKey
  /** The oldest first. */
  readonly all: readonly ServiceKey[]
}

async function ensure(
  directory: ServiceKeyDirectory,
  purpose: ServiceKey['purpose'],
  create: () => Promise<ServiceKey>,
): Promise<Keys> {
  const known = await directory.listServiceKeys(purpose)
  const all = known.length > 0 ? known : await directory.ensureServiceKey(await create())
  const current = currentKey(all)
  if (current === undefined) throw new LatchkeyError('storage_unavailable', { check: `service key ${purpose}` })
  return { current, all }
}

/** The key that signs: the one promoted last. */
export function currentKey(keys: readonly ServiceKey[]): ServiceKey | undefined {
  const promoted = keys.filter(({ promotedAt }) => promotedAt !== undefined)
  return promoted.reduce<ServiceKey | undefined>((last, key) => (isLater(key, last) ? key : last), undefined)
}

function isLater(key: ServiceKey, other: ServiceKey | undefined): boolean {
  return (key.promotedAt?.getTime() ?? 0) >= (other?.promotedAt?.getTime() ?? 0)
}

/** A fresh key pair, sealed; nothing is written. */
export async function newServiceKey(
  purpose: ServiceKey['purpose'],
  secret: Buffer,
  deps: KeyDependencies,
): Promise<ServiceKey> {
  if (purpose === 'jwt') {
    const { privateKey, publicJwk } = await createJwtKey()
    return sealKey(purpose, privateKey, JSON.stringify(publicJwk), secret, deps)
  }
  const { privateKey, certificateBase64 } = await createSigningKey(
    deps,
    purpose === 'saml-encryption' ? 'encryption' : 'signing',
  )
  return sealKey(purpose, privateKey, certificateBase64, secret, deps)
}

function sealKey(
  purpose: ServiceKey['purpose'],
  privateKey: KeyObject,
  publicPart: string,
  secret: Buffer,
  deps: KeyDependencies,
): ServiceKey {
  const id = deps.newId()
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const sealedPrivateKey = seal(pem, { secret, context: contextOf({ id, purpose }), randomBytes: deps.randomBytes })
  return { id, purpose, sealedPrivateKey, publicPart, createdAt: deps.now() }
}

/** All of them are listed: a token may still be on its way, and a verifier should know the next key before it signs. */
function openJwtKey({ current, all }: Keys, secret: Buffer): JwtKey {
  const others = all.filter((key) => key !== current)
  const [first, ...rest] = [current, ...others].map((key): PublicJwk => JSON.parse(key.publicPart))
  if (first === undefined) throw new LatchkeyError('storage_unavailable', { check: 'service key jwt' })
  return {
    privateKey: open(current, secret),
    kid: first.kid,
    algorithm: 'ES256',
    publicJwks: { keys: [first, ...rest] },
  }
}

function openSamlSigningKey({ current, all }: Keys, secret: Buffer): SamlSigningKey {
  const next = all.filter(({ promotedAt }) => promotedAt === undefined)
  const certificates = [current, ...next].map(({ publicPart }) => publicPart)
  return { privateKey: open(current, secret), certificateBase64: current.publicPart, certificates }
}

function openSamlEncryptionKey({ current, all }: Keys, secret: Buffer): SamlEncryptionKey {
  const others = all.filter((key) => key !== current)
  return {
    certificateBase64: current.publicPart,
    decryptionKeys: [current, ...others].map((key) => open(key, secret)),
  }
}

function open(key: ServiceKey, secret: Buffer): KeyObject {
  return createPrivateKey(unseal(key.sealedPrivateKey, { secret, context: contextOf(key) }))
}

function contextOf({ purpose, id }: Pick<ServiceKey, 'purpose' | 'id'>): string {
  return `${purpose}:${id}`
}
