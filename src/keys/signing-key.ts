import { generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, exportJWK, type JWK } from 'jose'
import { writeSelfSignedCertificate } from './self-signed-certificate.ts'

const generate = promisify(generateKeyPair)
const twentyYears = 20 * 365 * 86_400_000

/** What `keys/` needs from outside. */
export interface KeyDependencies {
  readonly now: () => Date
  readonly randomBytes: (size: number) => Buffer
  /** UUID version 7. */
  readonly newId: () => string
}

/**
 * Signs AuthnRequests, or opens what is encrypted for us. RSA-2048, because identity providers that check our signature
 * know RSA all, ECDSA few. The certificate outlives the key's use: nobody looks at its dates but a person (decision 0020).
 */
export async function createSigningKey(
  deps: Pick<KeyDependencies, 'now' | 'randomBytes'>,
  use: 'signing' | 'encryption' = 'signing',
): Promise<{ readonly privateKey: KeyObject; readonly certificateBase64: string }> {
  const { privateKey } = await generate('rsa', { modulusLength: 2048 })
  const notBefore = deps.now()
  const certificate = writeSelfSignedCertificate({
    privateKey,
    commonName: 'Latchkey',
    notBefore,
    notAfter: new Date(notBefore.getTime() + twentyYears),
    randomBytes: deps.randomBytes,
    use,
  })
  return { privateKey, certificateBase64: certificate.toString('base64') }
}

/** Signs what the gateway tells an application: ES256 (RFC 7518 3.4). The key ID is the thumbprint of RFC 7638. */
export async function createJwtKey(): Promise<{ readonly privateKey: KeyObject; readonly publicJwk: PublicJwk }> {
  const { privateKey, publicKey } = await generate('ec', { namedCurve: 'P-256' })
  const jwk = await exportJWK(publicKey)
  return { privateKey, publicJwk: { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'ES256', use: 'sig' } }
}

export type PublicJwk = JWK & { readonly kid: string }
