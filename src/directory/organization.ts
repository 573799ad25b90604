import type { OrganizationDeclarations } from './organization-declarations.ts'

/** A customer. Owns connections, accounts, roles; every row belongs to one. */
export interface Organization {
  /** Lower-case letters, digits and dashes, at most 63; chosen once, never changed. */
  readonly id: string
  readonly name: string
  /** Most active accounts; absent: any number. */
  readonly seatLimit?: number
  /** Absent: it declares nothing. */
  readonly declared?: OrganizationDeclarations
  readonly createdAt: Date
}

/** Organization, connection, application and role names as they stand in addresses and files. */
export const namePattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/
