import type { Connection } from '../directory/connection.ts'
import type { Administration } from './administration.ts'
import { refreshMetadata } from './refresh-metadata.ts'

/**
 * Refreshes metadata unasked: on schedule, and once when a signature matches no known key. Of several nodes one refreshes a
 * connection at a time: the storage leases it. Nothing here throws because an identity provider does not answer.
 */
export interface MetadataKeeper {
  /** Refreshes what is due; gives how many connections changed. */
  refreshDue(): Promise<number>
  /**
   * A signature matched no known key: fetches at most once a minute for one connection, whatever arrives, and briefly. Gives
   * whether the keys may have changed. Those who ask while it is under way get its answer.
   */
  refreshKeys(connection: Connection): Promise<boolean>
}

export interface MetadataKeeperOptions {
  readonly deps: Administration
  /** Hears about refreshes that failed; the last good metadata stays in force. */
  readonly onFailed: (connectionId: string, error: unknown) => void
  readonly onChanged: (connectionId: string) => void
}

/** A node that dies while refreshing delays the next try by this. */
const leaseSeconds = 120
/** Connections one round takes. */
const atOnce = 20
/** Somebody is waiting. */
const signInTimeoutMs = 3000
const betweenTriesMs = 60_000
/** Fetches because of a sign-in that this process has under way. */
const maximumUnderWay = 8

export function createMetadataKeeper({ deps, onFailed, onChanged }: MetadataKeeperOptions): MetadataKeeper {
  const tried = new Map<string, number>()
  const underWay = new Map<string, Promise<boolean>>()

  async function refreshOne(id: string): Promise<boolean> {
    try {
      const connection = await deps.directory.findConnection(id)
      if (connection?.identityProvider.source === undefined) return false
      const { changes } = await refreshMetadata(connection, {}, deps)
      if (changes.length > 0) onChanged(id)
      return changes.length > 0
    } catch (error) {
      onFailed(id, error)
      return false
    }
  }

  async function refreshOutOfTurn(connection: Connection): Promise<boolean> {
    try {
      const now = deps.now()
      const lease = { now, leasedUntil: after(now, leaseSeconds * 1000) }
      if (!(await deps.directory.leaseMetadata(connection, lease, after(now, -betweenTriesMs)))) return false
      const current = (await deps.directory.findConnection(connection.id)) ?? connection
      const { changes } = await refreshMetadata(current, { timeoutMs: signInTimeoutMs, outOfTurn: true }, deps)
      if (changes.length > 0) onChanged(connection.id)
      return changes.length > 0
    } catch (error) {
      onFailed(connection.id, error)
      return false
    }
  }

  return {
    async refreshDue() {
      const now = deps.now()
      const lease = { now, leasedUntil: after(now, leaseSeconds * 1000) }
      const ids = await deps.directory.leaseDueMetadata(lease, atOnce)
      const changed = await Promise.all(ids.map(refreshOne))
      return changed.filter(Boolean).length
    },
    async refreshKeys(connection) {
      if (connection.identityProvider.source === undefined) return false
      const { id } = connection
      const running = underWay.get(id)
      if (running !== undefined) return running
      const nowMs = deps.now().getTime()
      if (nowMs - (tried.get(id) ?? Number.NEGATIVE_INFINITY) < betweenTriesMs) return false
      if (underWay.size >= maximumUnderWay) return false
      tried.set(id, nowMs)
      const refresh = refreshOutOfTurn(connection).finally(() => underWay.delete(id))
      underWay.set(id, refresh)
      return refresh
    },
  }
}

function after(time: Date, milliseconds: number): Date {
  return new Date(time.getTime() + milliseconds)
}
