/** What is known of refreshing a connection's metadata from its address (`identityProvider.source`). */
export interface MetadataRefresh {
  readonly organizationId: string
  readonly connectionId: string
  /** Where it was fetched from; about another address than the connection's source, it says nothing. */
  readonly url: string
  /** As the server sent them with the metadata in force. RFC 9110 8.8. */
  readonly etag?: string
  readonly lastModified?: string
  /** When the metadata in force was last confirmed; absent: not since it was imported. */
  readonly fetchedAt?: Date
  readonly nextRefreshAt: Date
  /** In a row; 0 after one that succeeded. */
  readonly failures: number
  readonly lastError?: MetadataRefreshError
  /** The last refreshes that changed something, the newest first. Absent: none did. */
  readonly recentChanges?: readonly MetadataRefreshChanges[]
}

export interface MetadataRefreshError {
  readonly at: Date
  /** One of `errors.ts`. */
  readonly code: string
  /** What was wanted and what arrived, for the administrator. */
  readonly reason: string
}

export interface MetadataRefreshChanges {
  readonly at: Date
  /** In words an administrator can check; `before` or `after` is absent where there is none. */
  readonly changes: readonly { readonly path: string; readonly before?: unknown; readonly after?: unknown }[]
}

/** For how long one node alone may refresh. */
export interface MetadataLease {
  readonly now: Date
  readonly leasedUntil: Date
}
