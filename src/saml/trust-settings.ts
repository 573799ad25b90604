import type { KeyObject } from 'node:crypto'
import type { RequestedAuthnContext } from './authn-context.ts'

/** A key of the identity provider, read once when the connection is configured. */
export interface SigningKey {
  readonly key: KeyObject
  /** SHA-256 of the certificate, lower-case hexadecimal: names the key in traces. */
  readonly fingerprint: string
}

/** Switches that lower the guard for one identity provider. Default: all off. */
export interface WeakCryptography {
  /** Accepts SHA-1 in signatures and digests: forgeries become affordable. */
  readonly dangerouslyAllowSha1?: boolean
  /** Accepts signatures by RSA keys of 1024 to 2047 bits, and decryption keys of ours that are as short. */
  readonly dangerouslyAllowWeakKeys?: boolean
}

/** All that `verifyResponse` believes before it reads a message. Keys come from here, never from the message. */
export interface TrustSettings extends WeakCryptography {
  /** Entity ID of the one identity provider whose messages are accepted. SAML Core 2.2.5. */
  readonly identityProviderEntityId: string
  /** Our entity ID, which an assertion's audience must name. SAML Core 2.5.1.4. */
  readonly serviceProviderEntityId: string
  /** Absolute address the response is posted to: Destination and Recipient must equal it. SAML Profiles 4.1.4.2. */
  readonly acsUrl: string
  readonly signingKeys: readonly SigningKey[]
  /** Refuses a response whose assertion carries no signature of its own. Default false: a signed response is enough. */
  readonly wantAssertionsSigned?: boolean
  /** Refuses a response that carries no signature of its own. Default false: a signed assertion is enough. */
  readonly wantResponseSigned?: boolean
  /**
   * Our private RSA keys, to open what is encrypted: the current one and, after a change, those before. Without one,
   * whatever is encrypted is refused.
   */
  readonly decryptionKeys?: readonly KeyObject[]
  /** Refuses an assertion that is not encrypted. Default false. */
  readonly wantAssertionsEncrypted?: boolean
  /** Accepts a response that answers no request of ours. Default false. SAML Profiles 4.1.5. */
  readonly allowIdpInitiated?: boolean
  /** Refuses a response that answers no request when its assertion was issued longer ago than this. Default: any age. */
  readonly maxUnsolicitedAgeSeconds?: number
  /** How far the two clocks may differ. Default 60, at most 300. */
  readonly clockSkewSeconds?: number
  /** Refuses when the person signed in at the identity provider longer ago than this. Default: any age. */
  readonly maxAuthnAgeSeconds?: number
  /** How the person must have signed in. Default: in any way. SAML Core 3.3.2.2.1. */
  readonly requestedAuthnContext?: RequestedAuthnContext
  /** Format a NameID must have, because requests ask for it. Default, and with `…:unspecified`: any. SAML Core 3.4.1.1. */
  readonly nameIdFormat?: string
}
