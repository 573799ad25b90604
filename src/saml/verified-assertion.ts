declare const verified: unique symbol

/** SAML Core 2.2.3. */
export interface NameId {
  readonly value: string
  /** A URI; `…:unspecified` when the message gives none. */
  readonly format: string
  readonly nameQualifier?: string
  readonly spNameQualifier?: string
}

/** SAML Core 2.7.3.1. Values keep their order; an absent value list is an empty array. */
export interface Attribute {
  readonly name: string
  readonly nameFormat?: string
  readonly friendlyName?: string
  readonly values: readonly string[]
}

/** What an assertion says, read from the signed bytes. */
export interface Assertion {
  readonly id: string
  readonly issuer: string
  readonly nameId?: NameId
  /** ID of the AuthnRequest this answers; absent when unsolicited. */
  readonly inResponseTo?: string
  readonly sessionIndex?: string
  /** When the session at the identity provider ends; ours must not outlive it. */
  readonly sessionNotOnOrAfter?: Date
  readonly authnInstant: Date
  readonly authnContextClassRef?: string
  readonly attributes: readonly Attribute[]
  /** From this moment on (clock skew included) nobody accepts this assertion: its ID need not be remembered longer. */
  readonly replayableUntil: Date
  /** What was signed, and with which of the configured keys (fingerprint). */
  readonly signed: { readonly response?: string; readonly assertion?: string }
}

/** Only `verifyResponse` makes one: signature, issuer, audience, recipient and times have been checked. */
export type VerifiedAssertion = Assertion & { readonly [verified]: true }
