import { createPrivateKey, generateKeyPair, type KeyObject, randomBytes } from 'node:crypto'
import { promisify } from 'node:util'
import { writeSelfSignedCertificate } from '../keys/self-signed-certificate.ts'

/** What the identity provider signs with. */
export interface IdentityProviderKey {
  readonly privateKey: KeyObject
  /** Base64 of the DER form, as metadata and KeyInfo carry it. */
  readonly certificate: string
}

export type KeyKind = 'rsa' | 'ecdsa'

const generate = promisify(generateKeyPair)
const tenYears = 10 * 365 * 86_400_000

/** RSA of 2048 bits, or ECDSA on P-256, with a self-signed certificate valid for ten years. */
export async function createIdentityProviderKey(
  options: { readonly kind?: KeyKind; readonly commonName?: string; readonly now?: Date } = {},
): Promise<IdentityProviderKey> {
  const { privateKey } =
    options.kind === 'ecdsa'
      ? await generate('ec', { namedCurve: 'P-256' })
      : await generate('rsa', { modulusLength: 2048 })
  const now = options.now ?? new Date()
  const certificate = writeSelfSignedCertificate({
    privateKey,
    commonName: options.commonName ?? 'Test identity provider',
    notBefore: new Date(now.getTime() - 86_400_000),
    notAfter: new Date(now.getTime() + tenYears),
    randomBytes,
  })
  return { privateKey, certificate: certificate.toString('base64') }
}

/** The key as text, for a file of the demo. */
export interface StoredKey {
  readonly privateKeyPem: string
  readonly certificate: string
}

export function storeKey(key: IdentityProviderKey): StoredKey {
  return {
    privateKeyPem: key.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: key.certificate,
  }
}

export function restoreKey(stored: StoredKey): IdentityProviderKey {
  return { privateKey: createPrivateKey(stored.privateKeyPem), certificate: stored.certificate }
}
