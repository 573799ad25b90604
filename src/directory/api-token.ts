/** `read` looks, `write` looks and changes. */
export const apiTokenScopes = ['read', 'write'] as const
export type ApiTokenScope = (typeof apiTokenScopes)[number]

/** What a program authenticates with at the API. The token itself is shown once and kept nowhere. */
export interface ApiToken {
  /** As `namePattern`; unique. Audit events name it as their actor: `token:NAME`. */
  readonly name: string
  /** The one organization it is good for; absent: the whole installation. */
  readonly organizationId?: string
  readonly scope: ApiTokenScope
  /** Whether it may ask for sensitive values; each time is recorded. */
  readonly mayReveal: boolean
  readonly createdAt: Date
  readonly expiresAt: Date
  /** To the hour; absent: never. */
  readonly lastUsedAt?: Date
}

export interface NewApiToken extends ApiToken {
  /** SHA-256 of the token, lower-case hexadecimal. */
  readonly tokenHash: string
}
