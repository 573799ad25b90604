/** A domain that an organization says is its own, and whether its DNS has shown so. */
export interface VerifiedDomain {
  readonly organizationId: string
  /** Lower case. */
  readonly domain: string
  /** Stands in the TXT record; not secret. */
  readonly token: string
  /** Absent: not yet, or no longer. */
  readonly verifiedAt?: Date
  readonly checkedAt?: Date
  readonly createdAt: Date
}

/** Name of the TXT record that proves the domain, and what it must say. */
export function challengeOf({ domain, token }: Pick<VerifiedDomain, 'domain' | 'token'>) {
  return { name: `_latchkey-challenge.${domain}`, value: `latchkey-domain-verification=${token}` }
}
