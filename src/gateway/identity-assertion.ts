import type { KeyObject } from 'node:crypto'
import { type CryptoKey, SignJWT } from 'jose'
import type { Identity } from './identity.ts'
import { omittedLists } from './identity-headers.ts'

/**
 * The signed statement an application can check without trusting the network: a JWT (RFC 7519), ES256, in
 * `X-Latchkey-Assertion`. Its keys are at `/.well-known/jwks.json` of the issuer.
 */
export interface IdentityClaims {
  /** Account ID. */
  readonly sub: string
  /** Organization. */
  readonly org: string
  readonly preferred_username: string
  readonly email?: string
  readonly name?: string
  /** Absent when too many to pass on: then `omitted` names it. */
  readonly groups?: readonly string[]
  readonly roles?: readonly string[]
  /** `groups`, `roles`: lists that were left out because of their length. */
  readonly omitted?: readonly string[]
  /** When the account was made, in seconds since 1970. */
  readonly account_created_at: number
  /** Connection the person came by. */
  readonly connection: string
  /** Session ID; not secret. */
  readonly sid: string
}

/** The key in use. Its public part has the same `kid` in the published set. */
export interface IdentitySigningKey {
  readonly kid: string
  readonly privateKey: KeyObject | CryptoKey
}

export interface IdentitySignerOptions {
  /** The key in use at this moment. */
  readonly key: () => IdentitySigningKey
  /** Claim `iss`: Latchkey's public URL. */
  readonly issuer: string
  readonly now: () => Date
}

export type SignIdentity = (identity: Identity) => Promise<string>

/** An assertion is good for this long from when it was signed. */
export const assertionSeconds = 60
/** The same statement within this time is the same token: signing is the dearest part of a forwarded request. */
const reuseSeconds = 5
const maxKept = 1000

interface KeptToken {
  readonly token: Promise<string>
  readonly signedAtMs: number
}

/** A signer for the key in use. Tokens are kept by all they state, so that any change of account, grants or session makes a new one. */
export function createIdentitySigner({ key, issuer, now }: IdentitySignerOptions): SignIdentity {
  const kept = new Map<string, KeptToken>()

  function sign(identity: Identity, signedAtMs: number): Promise<string> {
    const issuedAt = Math.floor(signedAtMs / 1000)
    const { kid, privateKey } = key()
    return new SignJWT({ ...claimsOf(identity) })
      .setProtectedHeader({ alg: 'ES256', typ: 'JWT', kid })
      .setIssuer(issuer)
      .setAudience(identity.applicationId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + assertionSeconds)
      .sign(privateKey)
  }

  return (identity) => {
    const statement = JSON.stringify([identity.applicationId, claimsOf(identity)])
    const nowMs = now().getTime()
    const known = kept.get(statement)
    if (known !== undefined && Math.abs(nowMs - known.signedAtMs) < reuseSeconds * 1000) return known.token
    const token = sign(identity, nowMs)
    kept.delete(statement)
    kept.set(statement, { token, signedAtMs: nowMs })
    for (const oldest of kept.keys()) {
      if (kept.size <= maxKept) break
      kept.delete(oldest)
    }
    token.catch(() => kept.delete(statement))
    return token
  }
}

function claimsOf(identity: Identity): IdentityClaims {
  const omitted = omittedLists(identity)
  return {
    sub: identity.accountId,
    org: identity.organizationId,
    preferred_username: identity.username,
    ...(identity.email === undefined ? {} : { email: identity.email }),
    ...(identity.name === undefined ? {} : { name: identity.name }),
    ...(identity.groups === undefined ? {} : { groups: identity.groups }),
    ...(identity.roles === undefined ? {} : { roles: identity.roles }),
    ...(omitted.length === 0 ? {} : { omitted }),
    account_created_at: Math.floor(identity.accountCreatedAt.getTime() / 1000),
    connection: identity.connectionId,
    sid: identity.sessionId,
  }
}
