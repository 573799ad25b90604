import type { Logger } from 'pino'
import type { Catalog } from '../access/catalog.ts'
import { type AdminSocket, adminSocketPath, startAdminSocket } from '../admin/admin-socket.ts'
import { recheckDomains } from '../admin/domains.ts'
import type { Settings } from '../config/settings.ts'
import type { Metrics } from '../http/metrics.ts'
import type { HttpServer } from '../http/server.ts'
import { createLog } from '../log.ts'
import { type Latchkey, modulesOf, openLatchkey, outside } from '../main.ts'
import { answerHttp } from './answer-http.ts'
import { startBackgroundWork } from './background-work.ts'
import { openNoticeSender } from './open-notice-sender.ts'
import { type Ground, openParts, type ProcessPlace, type ServerParts } from './open-parts.ts'
import { warnOfDangerousSwitches, warnOfUnknownModules } from './warn-at-start.ts'

/** A server: an installation that answers requests. Start reading here. */
export interface RunningServer {
  readonly latchkey: Latchkey
  readonly catalog: Catalog
  readonly metrics: Metrics
  readonly log: Logger
  /** The port that was opened, which matters when 0 was asked for. */
  readonly port: number
  /** Takes no new work, lets open requests finish for the settings' `drainSeconds`, closes the storage. */
  stop(): Promise<void>
}

/**
 * Opens the installation and answers requests. Without a place this is the only process. Throws `port_in_use`,
 * `configuration_invalid` and what `openLatchkey` throws.
 */
export async function serve(settings: Settings, place?: ProcessPlace): Promise<RunningServer> {
  const log = createLog(settings, place?.number)
  const latchkey = await openLatchkey(settings, ({ level, message, error }) => log[level]({ err: error }, message))
  try {
    return await startServer(latchkey, { settings, log, place })
  } catch (error) {
    await latchkey.close()
    throw error
  }
}

async function startServer(
  latchkey: Latchkey,
  given: Pick<Ground, 'settings' | 'log' | 'place'>,
): Promise<RunningServer> {
  const { settings, log, place } = given
  const onDuty = place === undefined || place.number === 1
  const ground = { ...given, directory: latchkey.directory, mappingModules: modulesOf(settings) }
  await prepare(ground, onDuty)
  const parts = await openParts(ground)
  const { catalog, metrics, inputKeeper } = parts
  const http = await answerHttp(parts)
  const adminSocket = await openAdminSocket(parts)
  const closeParts = () => close(parts, adminSocket)
  const port = await listen(http, closeParts)
  const endWork = await startWork(parts, onDuty)
  return {
    latchkey,
    catalog,
    metrics,
    log,
    port,
    async stop() {
      await endWork()
      await http.drain(settings.drainSeconds)
      await inputKeeper.close()
      await closeParts()
      await latchkey.close()
    },
  }
}

/** What an operator should know is said before anybody can come in. */
async function prepare({ directory, mappingModules, log }: Ground, onDuty: boolean): Promise<void> {
  if (onDuty) await warnOfDangerousSwitches(directory, log)
  await mappingModules.load()
  if (onDuty) await warnOfUnknownModules(directory, mappingModules, log)
}

async function listen(http: HttpServer, closeParts: () => Promise<void>): Promise<number> {
  try {
    return (await http.listen()).port
  } catch (error) {
    await closeParts()
    throw error
  }
}

async function close({ gateway, catalog, mappingModules }: ServerParts, adminSocket: AdminSocket | undefined) {
  await adminSocket?.close()
  await gateway.close()
  catalog.close()
  await mappingModules.close()
}

/** Gives the function that ends it. */
async function startWork(parts: ServerParts, onDuty: boolean): Promise<() => Promise<void>> {
  const { settings, administration } = parts
  const notices = openNoticeSender(settings, parts)
  const recheck = () => recheckDomains({ ...administration, actor: 'domain-check' })
  const { keepAttemptsDays, keepInputsDays } = settings
  const kept = { keepAttemptsDays, keepInputsDays }
  const end = await startBackgroundWork({ ...parts, ...kept, notices, recheck, now: outside.now }, onDuty)
  return async () => {
    end()
    await notices.close()
  }
}

/** Only an embedded database needs it: a served one is reached by commands directly. */
async function openAdminSocket({ settings, administration, onWritten }: ServerParts): Promise<AdminSocket | undefined> {
  if (settings.storage.kind !== 'embedded') return undefined
  const path = adminSocketPath(settings.storage.dataDirectory)
  return startAdminSocket({ path, deps: administration, onWritten })
}
