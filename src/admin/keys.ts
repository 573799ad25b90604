import { X509Certificate } from 'node:crypto'
import { z } from 'zod'
import type { ServiceKeyDirectory } from '../directory/directory.ts'
import type { ServiceKey } from '../directory/service-key.ts'
import { currentKey, ensureKeys, newServiceKey } from '../keys/service-keys.ts'
import { type Administration, auditEvent } from './administration.ts'
import { parseInput } from './parse-input.ts'

/**
 * Our own keys: a next one is made and published, everybody who must know it learns it, then it is promoted and signs. Only
 * public parts are ever shown.
 */
export const keyPurposes = [
  'saml-signing',
  'saml-encryption',
  'jwt',
] as const satisfies readonly ServiceKey['purpose'][]

export interface ShownKey {
  readonly purpose: ServiceKey['purpose']
  readonly state: 'current' | 'next' | 'previous'
  readonly id: string
  /** JWT: the key ID. SAML: SHA-256 of the certificate. */
  readonly name: string
  readonly createdAt: Date
  /** Absent: not yet. */
  readonly promotedAt?: Date
  /** When the certificate ends; absent where there is none. */
  readonly endsAt?: Date
}

export const listKeysInput = z.strictObject({})

export async function listKeys(
  input: z.input<typeof listKeysInput>,
  deps: { readonly directory: Pick<ServiceKeyDirectory, 'listServiceKeys'> },
): Promise<readonly ShownKey[]> {
  parseInput(listKeysInput, input)
  const shown: ShownKey[] = []
  for (const purpose of keyPurposes) {
    const keys = await deps.directory.listServiceKeys(purpose)
    const current = currentKey(keys)
    shown.push(...keys.map((key) => showKey(key, current)))
  }
  return shown
}

function showKey(key: ServiceKey, current: ServiceKey | undefined): ShownKey {
  const { id, purpose, createdAt, promotedAt } = key
  const state = promotedAt === undefined ? 'next' : key === current ? 'current' : 'previous'
  const shown = { purpose, state, id, createdAt, ...(promotedAt === undefined ? {} : { promotedAt }) } as const
  if (purpose === 'jwt') return { ...shown, name: String(JSON.parse(key.publicPart).kid) }
  const certificate = new X509Certificate(Buffer.from(key.publicPart, 'base64'))
  return { ...shown, name: `SHA-256 ${certificate.fingerprint256}`, endsAt: new Date(certificate.validTo) }
}

export const keyPurposeInput = z.strictObject({ purpose: z.enum(keyPurposes).default('saml-signing') })

/** Makes the next key of a purpose. Throws `key_exists`, `secret_wrong`, `configuration_invalid`. */
export async function createNextKey(
  input: z.input<typeof keyPurposeInput>,
  deps: Administration,
): Promise<readonly ShownKey[]> {
  const { purpose } = parseInput(keyPurposeInput, input)
  const secret = deps.secret()
  // Also finds out that the secret is the right one, before a key is sealed with it.
  await ensureKeys(deps.directory, secret, deps)
  const key = await newServiceKey(purpose, secret, deps)
  await deps.directory.createNextServiceKey(key, auditEvent(deps, 'key.created', `key:${key.id}`, { purpose }))
  return listKeys({}, deps)
}

/** The next key of a purpose is used from now on, on every node within a minute. Throws `key_not_found`. */
export async function promoteKey(
  input: z.input<typeof keyPurposeInput>,
  deps: Administration,
): Promise<readonly ShownKey[]> {
  const { purpose } = parseInput(keyPurposeInput, input)
  const now = deps.now()
  await deps.directory.promoteServiceKey(purpose, now, auditEvent(deps, 'key.promoted', `key:${purpose}`))
  return listKeys({}, deps)
}
