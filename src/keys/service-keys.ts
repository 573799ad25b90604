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
}

/**
 * Reads the keys, makes those that are missing. Of several processes that start together the first to write wins and all
 * use its keys. The newest key of a purpose signs; older public keys stay listed. Throws `secret_wrong` when the storage was sealed
 * under another secret, `configuration_invalid` when the secret is not 32 bytes.
 */
export async function ensureKeys(
  directory: ServiceKeyDirectory,
  secret: Buffer,
  deps: KeyDependencies,
): Promise<ServiceKeys> {
  const jwt = await ensure(directory, 'jwt', () => newJwtKey(secret, deps))
  const samlSigning = await ensure(directory, 'saml-signing', () => newSamlSigningKey(secret, deps))
  return { jwt: openJwtKey(jwt, secret), samlSigning: openSamlSigningKey(samlSigning, secret) }
}

interface Keys {
  readonly newest: ServiceKey
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
  const newest = all.at(-1)
  if (newest === undefined) throw new LatchkeyError('storage_unavailable', { check: `service key ${purpose}` })
  return { newest, all }
}

async function newJwtKey(secret: Buffer, deps: KeyDependencies): Promise<ServiceKey> {
  const { privateKey, publicJwk } = await createJwtKey()
  return sealKey('jwt', privateKey, JSON.stringify(publicJwk), secret, deps)
}

async function newSamlSigningKey(secret: Buffer, deps: KeyDependencies): Promise<ServiceKey> {
  const { privateKey, certificateBase64 } = await createSigningKey(deps)
  return sealKey('saml-signing', privateKey, certificateBase64, secret, deps)
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

function openJwtKey({ newest, all }: Keys, secret: Buffer): JwtKey {
  const keys = all.map((key): PublicJwk => JSON.parse(key.publicPart)).reverse()
  const { kid }: PublicJwk = JSON.parse(newest.publicPart)
  return { privateKey: open(newest, secret), kid, algorithm: 'ES256', publicJwks: { keys } }
}

function openSamlSigningKey({ newest }: Keys, secret: Buffer): SamlSigningKey {
  return { privateKey: open(newest, secret), certificateBase64: newest.publicPart }
}

function open(key: ServiceKey, secret: Buffer): KeyObject {
  return createPrivateKey(unseal(key.sealedPrivateKey, { secret, context: contextOf(key) }))
}

function contextOf({ purpose, id }: Pick<ServiceKey, 'purpose' | 'id'>): string {
  return `${purpose}:${id}`
}
