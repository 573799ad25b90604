import type { Application } from '../directory/application.ts'
import type { Connection } from '../directory/connection.ts'
import type { ApplicationDirectory, ConnectionDirectory } from '../directory/directory.ts'

/**
 * Connections and applications as this process last saw them, so that a request asks the storage for neither.
 *
 * A connection may be as old as the cache: the sign-in compares its version with the stored one and reloads. Applications
 * are read again every `refreshSeconds`, which is how long a change made on another node may take to arrive; a change
 * made on this node calls `reload`. Nothing here decides anything.
 */
export interface Catalog {
  /** Read from storage unless read within `refreshSeconds`. */
  connection(id: string): Promise<Connection | undefined>
  /** As last seen, however long ago; read when never seen. Only for callers that compare versions. */
  lastSeenConnection(id: string): Promise<Connection | undefined>
  application(id: string): Application | undefined
  /** `host` with port, as in a Host header; compared in lower case, default ports left out. */
  applicationByHost(host: string): Application | undefined
  /** By exact origin, `https://benefits.example`. */
  applicationByOrigin(origin: string): Application | undefined
  applications(): readonly Application[]
  reload(): Promise<void>
  /** Forgets one connection, so that the next look reads it. */
  forgetConnection(id: string): void
  close(): void
}

export interface CatalogOptions {
  readonly directory: ConnectionDirectory & ApplicationDirectory
  readonly now: () => Date
  readonly refreshSeconds?: number
  /** Hears about a refresh that failed; the last good state stays in force. */
  readonly onRefreshFailed?: (error: unknown) => void
}

const maximumConnections = 2000

interface SeenConnection {
  readonly connection: Connection
  readonly readAtMs: number
}

interface ApplicationIndex {
  readonly all: readonly Application[]
  readonly byId: ReadonlyMap<string, Application>
  readonly byHost: ReadonlyMap<string, Application>
  readonly byOrigin: ReadonlyMap<string, Application>
}

export async function openCatalog(options: CatalogOptions): Promise<Catalog> {
  const { directory, now, refreshSeconds = 2 } = options
  const seen = new Map<string, SeenConnection>()
  let applications = indexApplications(await directory.listApplications())

  async function readConnection(id: string): Promise<Connection | undefined> {
    const connection = await directory.findConnection(id)
    seen.delete(id)
    if (connection !== undefined) seen.set(id, { connection, readAtMs: now().getTime() })
    if (seen.size > maximumConnections) seen.delete(seen.keys().next().value ?? id)
    return connection
  }

  async function reload(): Promise<void> {
    seen.clear()
    applications = indexApplications(await directory.listApplications())
  }

  async function refreshApplications(): Promise<void> {
    try {
      applications = indexApplications(await directory.listApplications())
    } catch (error) {
      options.onRefreshFailed?.(error)
    }
  }

  const timer = setInterval(refreshApplications, refreshSeconds * 1000)
  timer.unref()

  return {
    async connection(id) {
      const known = seen.get(id)
      const isFresh = known !== undefined && now().getTime() - known.readAtMs < refreshSeconds * 1000
      return isFresh ? known.connection : readConnection(id)
    },
    async lastSeenConnection(id) {
      return seen.get(id)?.connection ?? readConnection(id)
    },
    application: (id) => applications.byId.get(id),
    applicationByHost: (host) => applications.byHost.get(host.toLowerCase()),
    applicationByOrigin: (origin) => applications.byOrigin.get(origin),
    applications: () => applications.all,
    reload,
    forgetConnection: (id) => void seen.delete(id),
    close: () => clearInterval(timer),
  }
}

function indexApplications(all: readonly Application[]): ApplicationIndex {
  const origin = (application: Application) => new URL(application.settings.origin)
  return {
    all,
    byId: new Map(all.map((application) => [application.id, application])),
    byHost: new Map(all.map((application) => [origin(application).host, application])),
    byOrigin: new Map(all.map((application) => [origin(application).origin, application])),
  }
}
