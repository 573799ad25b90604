import type { Grant, Source } from './account.ts'

/** What one source has written into the accounts of its organization. */
export interface Impact {
  readonly grants: readonly GrantImpact[]
  readonly fields: readonly FieldImpact[]
  /** Grants that nobody else would keep, in order of user name. */
  readonly lost: readonly LostGrant[]
  /** Accounts people reach over the connection, and those they reach over no other. */
  readonly accounts: { readonly reached: number; readonly onlyHere: number }
}

export interface GrantImpact extends Pick<Grant, 'kind' | 'name' | 'rule'> {
  readonly accounts: number
  /** Of these, the accounts that hold it from no other source. */
  readonly lost: number
}

export interface FieldImpact {
  readonly field: string
  readonly rule: string
  readonly accounts: number
}

export interface LostGrant extends Pick<Grant, 'kind' | 'name' | 'rule'> {
  readonly accountId: string
  readonly username: string
}

export interface ImpactQuery {
  readonly organizationId: string
  readonly connectionId: string
  readonly source: Source
  /** Only what this rule made. */
  readonly rule?: string
  /** Rows of `lost`. */
  readonly limit: number
}
