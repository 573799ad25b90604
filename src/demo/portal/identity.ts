import type { IncomingMessage } from 'node:http'
import { createRemoteJWKSet, jwtVerify } from 'jose'

/**
 * All that an application behind Latchkey has to do: verify one header. The gateway signs it anew for each request, so
 * whoever reaches the portal by another way has none, or one that is not for it.
 */
export interface VisitorIdentity {
  readonly accountId: string
  readonly username: string
  readonly name: string
  readonly organization: string
  readonly email: string | undefined
  readonly groups: readonly string[]
  readonly roles: readonly string[]
  readonly accountCreatedAt: Date
}

export type ReadIdentity = (request: IncomingMessage) => Promise<VisitorIdentity | undefined>

export interface IdentityCheck {
  /** Origin of Latchkey: the token's issuer. */
  readonly issuer: string
  /** The application's name in Latchkey: the token's audience. */
  readonly audience: string
  /** Where Latchkey publishes its keys. */
  readonly jwksUrl: string
}

export function createIdentityReader({ issuer, audience, jwksUrl }: IdentityCheck): ReadIdentity {
  const keys = createRemoteJWKSet(new URL(jwksUrl))
  return async (request) => {
    const token = request.headers['x-latchkey-assertion']
    if (typeof token !== 'string') return undefined
    try {
      const { payload } = await jwtVerify(token, keys, { issuer, audience, algorithms: ['ES256'] })
      return readClaims(payload)
    } catch {
      return undefined
    }
  }
}

function readClaims(claims: Readonly<Record<string, unknown>>): VisitorIdentity {
  const text = (value: unknown) => (typeof value === 'string' ? value : '')
  const list = (value: unknown) => (Array.isArray(value) ? value.map(String) : [])
  return {
    accountId: text(claims.sub),
    username: text(claims.preferred_username),
    name: text(claims.name) || text(claims.preferred_username),
    organization: text(claims.org),
    email: text(claims.email) || undefined,
    groups: list(claims.groups),
    roles: list(claims.roles),
    accountCreatedAt: new Date(Number(claims.account_created_at) * 1000),
  }
}
