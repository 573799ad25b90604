import type { Connection } from '../directory/connection.ts'
import type { MetadataRefresh } from '../directory/metadata-refresh.ts'
import { withoutUndefined } from '../saml/without-undefined.ts'
import type { Validators } from './fetch-metadata.ts'

/** When metadata is fetched again. Pure; seconds. */

const minimumSeconds = 300
const maximumSeconds = 86_400
/** When the metadata says nothing: often enough for a rollover, seldom enough for anybody's server. */
const usualSeconds = 4 * 3600

/**
 * What `cacheDuration` says, and never later than three quarters of the time up to `validUntil`; between 5 minutes and 24
 * hours. SAML Metadata 2.3.1.
 */
export function refreshSeconds(
  { cacheSeconds = usualSeconds, validUntil }: { readonly cacheSeconds?: number; readonly validUntil?: Date },
  now: Date,
): number {
  const left = validUntil === undefined ? Number.POSITIVE_INFINITY : (validUntil.getTime() - now.getTime()) / 1000
  return bounded(Math.min(cacheSeconds, left * 0.75))
}

/** Twice as long after each failure in a row, up to a fifth more by chance, so that nodes and customers do not march in step. */
export function backOffSeconds(failures: number, chance: number): number {
  const seconds = minimumSeconds * 2 ** Math.min(failures - 1, 20)
  return bounded(Math.min(seconds, maximumSeconds / 1.2) * (1 + chance / 5))
}

export function bounded(seconds: number): number {
  return Math.round(Math.min(Math.max(seconds, minimumSeconds), maximumSeconds))
}

/** What is known of refreshing a connection whose metadata was just imported; undefined when it came as a file. */
export function firstRefresh(
  { organizationId, id, identityProvider }: Connection,
  read: { readonly cacheSeconds?: number; readonly validators?: Validators },
  now: Date,
): MetadataRefresh | undefined {
  const { source, validUntil } = identityProvider
  if (source === undefined) return undefined
  const seconds = refreshSeconds(withoutUndefined({ cacheSeconds: read.cacheSeconds, validUntil }), now)
  const nextRefreshAt = new Date(now.getTime() + seconds * 1000)
  const { url } = source
  return { organizationId, connectionId: id, url, ...read.validators, fetchedAt: now, nextRefreshAt, failures: 0 }
}
