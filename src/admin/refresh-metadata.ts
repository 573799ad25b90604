import type { Connection } from '../directory/connection.ts'
import type { MetadataRefresh } from '../directory/metadata-refresh.ts'
import { isLatchkeyError, LatchkeyError } from '../errors.ts'
import { type Administration, auditEvent } from './administration.ts'
import { getConnection } from './connections.ts'
import type { Difference } from './differences.ts'
import { metadataChanges } from './metadata-changes.ts'
import type { MetadataContent } from './metadata-content.ts'
import { backOffSeconds, bounded, refreshSeconds } from './next-refresh.ts'
import { readFetched } from './read-identity-provider.ts'

/**
 * Fetches the metadata of one connection from where it came from and makes it count. What is fetched replaces all that was
 * known: a certificate that is no longer listed is dropped. A failure changes nothing but the record of refreshes.
 * `keep-metadata-fresh.ts` is who calls it unasked.
 */
export interface RefreshOptions {
  /** Fetches and compares, writes nothing. Default false. */
  readonly dryRun?: boolean
  /** Asks for the whole metadata, whether it changed or not. Default false. */
  readonly whole?: boolean
  /** For the fetch. Default: the fetcher's own. */
  readonly timeoutMs?: number
  /** A failure does not move the next scheduled refresh. Default false. */
  readonly outOfTurn?: boolean
}

export interface RefreshOutcome {
  /** Empty: everything was as before. */
  readonly changes: readonly Difference[]
  readonly nextRefreshAt: Date
}

/** `connection show` tells of these; the audit trail keeps all. */
const keptRefreshes = 5

type RefreshDependencies = Pick<
  Administration,
  'directory' | 'now' | 'newId' | 'actor' | 'fetchMetadata' | 'randomBytes'
>

/**
 * Throws `metadata_source_missing`, `metadata_unreachable`, `metadata_entity_changed` and whatever reading metadata throws;
 * then the last good metadata stays in force and the failure is recorded.
 */
export async function refreshMetadata(
  connection: Connection,
  options: RefreshOptions,
  deps: RefreshDependencies,
): Promise<RefreshOutcome> {
  const known = await knownRefresh(connection, deps)
  try {
    return await refresh(connection, known, options, deps)
  } catch (error) {
    if (!options.dryRun) await recordFailure(error, known, options, deps)
    throw error
  }
}

/** What is known about this very address, or as if it had never been tried. Throws `metadata_source_missing`. */
async function knownRefresh(connection: Connection, deps: RefreshDependencies): Promise<MetadataRefresh> {
  const { source } = connection.identityProvider
  if (source === undefined) {
    const advice = 'Give it one with `latchkey connection set ID --metadata https://…`.'
    throw new LatchkeyError('metadata_source_missing', { check: 'metadata', wanted: 'an address', advice })
  }
  const known = await deps.directory.findMetadataRefresh(connection)
  if (known?.url === source.url) return known
  const { organizationId, id } = connection
  return { organizationId, connectionId: id, url: source.url, nextRefreshAt: deps.now(), failures: 0 }
}

async function refresh(
  connection: Connection,
  known: MetadataRefresh,
  { dryRun = false, whole = false, timeoutMs }: RefreshOptions,
  deps: RefreshDependencies,
): Promise<RefreshOutcome> {
  const { etag, lastModified } = whole || dryRun ? {} : known
  const fetched = await deps.fetchMetadata(known.url, { etag, lastModified, timeoutMs })
  const now = deps.now()
  if (fetched.unchanged) {
    const next = confirmed(known, now, bounded(usualInterval(known)))
    await deps.directory.saveMetadataRefresh(next)
    return { changes: [], nextRefreshAt: next.nextRefreshAt }
  }
  const { identityProvider, cacheSeconds } = await readSame(connection, fetched.content, deps)
  const { etag: _old, lastModified: _older, ...rest } = known
  const seconds = refreshSeconds({ ...identityProvider, ...(cacheSeconds === undefined ? {} : { cacheSeconds }) }, now)
  const changes = metadataChanges(connection.identityProvider, identityProvider)
  const next = confirmed({ ...rest, ...fetched.validators, ...withChanges(known, changes, now) }, now, seconds)
  if (!dryRun) await write({ ...connection, identityProvider }, changes, next, deps)
  return { changes, nextRefreshAt: next.nextRefreshAt }
}

/** The last refreshes that changed something, the newest first. */
function withChanges(
  { recentChanges = [] }: MetadataRefresh,
  changes: readonly Difference[],
  at: Date,
): Pick<MetadataRefresh, 'recentChanges'> {
  if (changes.length === 0) return {}
  return { recentChanges: [{ at, changes }, ...recentChanges].slice(0, keptRefreshes) }
}

/** As long as last time: an answer that nothing changed does not repeat what the metadata says. Seconds. */
function usualInterval({ fetchedAt, nextRefreshAt, failures }: MetadataRefresh): number {
  if (fetchedAt === undefined || failures > 0) return refreshSeconds({}, nextRefreshAt)
  return (nextRefreshAt.getTime() - fetchedAt.getTime()) / 1000
}

function confirmed(known: MetadataRefresh, now: Date, seconds: number): MetadataRefresh {
  const { lastError: _gone, ...rest } = known
  return { ...rest, fetchedAt: now, nextRefreshAt: after(now, seconds), failures: 0 }
}

/** The same identity provider and no other, however many the metadata describes. */
async function readSame(connection: Connection, content: MetadataContent, deps: RefreshDependencies) {
  const { entityId, source } = connection.identityProvider
  const { dangerouslyAllowWeakKeys } = connection.settings
  try {
    return await readFetched(content, { entityId, source, dangerouslyAllowWeakKeys }, deps.now())
  } catch (error) {
    if (!isLatchkeyError(error, 'metadata_entity_not_found')) throw error
    throw new LatchkeyError(
      'metadata_entity_changed',
      {
        ...error.detail,
        advice:
          'If this identity provider really has a new entity ID, import its metadata with `latchkey connection set`.',
      },
      { cause: error },
    )
  }
}

/** All of it or nothing; an administrator's change made meanwhile is never overwritten. */
async function write(
  connection: Connection,
  changes: readonly Difference[],
  next: MetadataRefresh,
  deps: RefreshDependencies,
): Promise<void> {
  await deps.directory.transaction(async (directory) => {
    if (changes.length > 0) {
      const event = auditEvent(deps, 'connection.metadata_refreshed', `connection:${connection.id}`, { changes })
      const current = await getConnection(connection.id, directory)
      const isSame = current.identityProvider.source?.url === next.url && current.version === connection.version
      const outcome = isSame ? await directory.replaceIdentityProvider(connection, event) : 'stale'
      if (outcome === 'stale') throw changedMeanwhile(connection, current)
    }
    await directory.saveMetadataRefresh(next)
  })
}

function changedMeanwhile({ version }: Connection, current: Connection): LatchkeyError {
  const [wanted, arrived] = [`version ${version}`, `version ${current.version}`]
  return new LatchkeyError('connection_changed', { check: 'version', wanted, arrived })
}

async function recordFailure(
  error: unknown,
  known: MetadataRefresh,
  { outOfTurn = false }: RefreshOptions,
  deps: RefreshDependencies,
): Promise<void> {
  const at = deps.now()
  const failures = outOfTurn ? known.failures : known.failures + 1
  const seconds = backOffSeconds(failures, deps.randomBytes(2).readUInt16BE() / 65_536)
  await deps.directory.saveMetadataRefresh({
    ...known,
    failures,
    lastError: { at, ...describeFailure(error) },
    nextRefreshAt: outOfTurn ? known.nextRefreshAt : after(at, seconds),
  })
}

export function describeFailure(error: unknown): { readonly code: string; readonly reason: string } {
  if (!isLatchkeyError(error)) return { code: 'internal', reason: 'an unexpected error' }
  const { check, wanted, arrived, at } = error.detail
  const parts = [check, wanted && `wanted ${wanted}`, arrived && `arrived ${arrived}`, at && `at ${at}`]
  return { code: error.code, reason: parts.filter(Boolean).join(', ').slice(0, 1000) }
}

function after(time: Date, seconds: number): Date {
  return new Date(time.getTime() + seconds * 1000)
}
