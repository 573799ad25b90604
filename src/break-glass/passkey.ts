import { isIP } from 'node:net'
import { z } from 'zod'
import type { LocalHolder, Passkey, PasskeyKey } from '../directory/local-administrator.ts'
import { LatchkeyError } from '../errors.ts'

/**
 * Passkeys: what a browser is asked for, and what came back. The site they count for (RP ID and origin) comes from the public
 * URL alone; user verification is demanded. Web Authentication Level 3, 7.1 and 7.2, done by `@simplewebauthn/server`, which is
 * loaded when the first passkey comes (docs/decisions/0261).
 */

const timeoutMs = 300_000

/** Ed25519, ECDSA over P-256, RSA; COSE numbers. */
const algorithms = [-8, -7, -257]

interface Site {
  /** RP ID. */
  readonly id: string
  readonly origin: string
}

/** `undefined`: no passkey counts for an address that is no name. */
export function siteOf(publicUrl: string): Site | undefined {
  const { hostname, origin } = new URL(publicUrl)
  return isIP(hostname.replace(/^\[|\]$/g, '')) === 0 ? { id: hostname, origin } : undefined
}

/** What the page hands to the browser; binary values are base64url, as in the `…JSON` types of the specification. */
export type PasskeyWish = Readonly<Record<string, unknown>>

/** Any passkey of this site, so that nothing is told of who has one. */
export function requestOptions(challenge: string, site: Site): PasskeyWish {
  return { challenge: toBase64Url(challenge), rpId: site.id, userVerification: 'required', timeout: timeoutMs }
}

export function creationOptions(
  challenge: string,
  { accountId, username, credentialIds }: LocalHolder & { readonly credentialIds: readonly string[] },
  site: Site,
): PasskeyWish {
  return {
    challenge: toBase64Url(challenge),
    rp: { id: site.id, name: site.id },
    user: { id: toBase64Url(accountId), name: username, displayName: `${username} (break-glass)` },
    pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
    excludeCredentials: credentialIds.map((id) => ({ type: 'public-key', id })),
    authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    attestation: 'none',
    timeout: timeoutMs,
  }
}

const base64Url = z
  .string()
  .max(16_384)
  .regex(/^[\w-]+$/)
const credential = z.object({
  id: base64Url.max(1364),
  rawId: base64Url.max(1364),
  type: z.literal('public-key'),
})
const created = credential.extend({
  response: z.object({ clientDataJSON: base64Url, attestationObject: base64Url }),
})
const used = credential.extend({
  response: z.object({
    clientDataJSON: base64Url,
    authenticatorData: base64Url,
    signature: base64Url,
    userHandle: base64Url.max(128),
  }),
})

export type UsedPasskey = z.infer<typeof used>

/** Throws `break_glass_refused`. */
export function readUsedPasskey(text: string): UsedPasskey {
  const { data } = used.safeParse(parseJson(text))
  if (data !== undefined) return data
  throw refused('form of the answer')
}

/** Throws `passkey_invalid`. */
export async function verifyCreated(
  text: string,
  challenge: string,
  site: Site,
): Promise<PasskeyKey & Pick<Passkey, 'credentialId' | 'isSynced'>> {
  const { data } = created.safeParse(parseJson(text))
  if (data === undefined) throw invalid('form of the answer')
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server')
  const { registrationInfo } = await verifyRegistrationResponse({
    response: { ...data, clientExtensionResults: {} },
    expectedChallenge: toBase64Url(challenge),
    expectedOrigin: site.origin,
    expectedRPID: site.id,
    requireUserVerification: true,
    supportedAlgorithmIDs: algorithms,
  }).catch((cause: unknown) => {
    throw invalid('registration', cause)
  })
  if (registrationInfo === undefined) throw invalid('attestation')
  return {
    credentialId: registrationInfo.credential.id,
    publicKey: Buffer.from(registrationInfo.credential.publicKey).toString('base64url'),
    counter: registrationInfo.credential.counter,
    isSynced: registrationInfo.credentialDeviceType === 'multiDevice',
  }
}

/** The new value of the counter. Throws `break_glass_refused`. */
export async function verifyUsed(
  response: UsedPasskey,
  known: LocalHolder & PasskeyKey,
  { challenge, site }: { readonly challenge: string; readonly site: Site },
): Promise<number> {
  if (response.response.userHandle !== toBase64Url(known.accountId)) throw refused('user handle')
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server')
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: { ...response, clientExtensionResults: {} },
    expectedChallenge: toBase64Url(challenge),
    expectedOrigin: site.origin,
    expectedRPID: site.id,
    requireUserVerification: true,
    credential: {
      id: response.id,
      publicKey: new Uint8Array(Buffer.from(known.publicKey, 'base64url')),
      counter: known.counter,
    },
  }).catch((cause: unknown) => {
    throw refused('signature, challenge, origin, verification of the person or counter', cause)
  })
  if (!verified) throw refused('signature')
  return authenticationInfo.newCounter
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function toBase64Url(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64url')
}

function invalid(check: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('passkey_invalid', { check: `passkey: ${check}`, ...messageOf(cause) }, { cause })
}

function refused(check: string, cause?: unknown): LatchkeyError {
  return new LatchkeyError('break_glass_refused', { check: `passkey: ${check}`, ...messageOf(cause) }, { cause })
}

/** What the library found, which may quote what arrived. For the recorded attempt, not for the person. */
function messageOf(cause: unknown): { readonly arrived?: string } {
  return cause instanceof Error ? { arrived: cause.message.slice(0, 300) } : {}
}
