import type { Logger } from 'pino'
import { V7Generator } from 'uuidv7'
import { type Catalog, openCatalog } from './access/catalog.ts'
import { type AdminSocket, adminSocketPath, startAdminSocket } from './admin/admin-socket.ts'
import type { Administration } from './admin/administration.ts'
import { approvalLink, createApprovals } from './admin/approvals.ts'
import { dangerousSwitches } from './admin/dangerous-switches.ts'
import { recheckDomains } from './admin/domains.ts'
import { createMetadataFetcher } from './admin/fetch-metadata.ts'
import { createMetadataKeeper, type MetadataKeeper } from './admin/keep-metadata-fresh.ts'
import { contentOfFile } from './admin/metadata-content.ts'
import { describeFailure } from './admin/refresh-metadata.ts'
import { resolveTxt } from './admin/resolve-txt.ts'
import { createWaitingRoom } from './admin/waiting-room.ts'
import { startBackgroundWork } from './background-work.ts'
import { createPace } from './break-glass/pace.ts'
import type { Settings } from './config/settings.ts'
import type { Directory } from './directory/directory.ts'
import { LatchkeyError } from './errors.ts'
import { createGateway, type Gateway } from './gateway/gateway.ts'
import { createIdentitySigner } from './gateway/identity-assertion.ts'
import { previewHeaders } from './gateway/preview-headers.ts'
import { createBackChannel } from './http/back-channel.ts'
import { createClientAddress } from './http/client-address.ts'
import type { OtherProcesses } from './http/http-dependencies.ts'
import { createMetrics, type Metrics } from './http/metrics.ts'
import { createHttpServer } from './http/server.ts'
import { type KeyRing, openKeyRing } from './keys/key-ring.ts'
import { localSecret } from './keys/local-secret.ts'
import { createLog } from './log.ts'
import { createMappingModules, type MappingModules } from './mapping-modules/mapping-modules.ts'
import { createNoticeSender, type NoticeSender } from './notices/notice-sender.ts'
import { createWebhook } from './notices/webhook.ts'
import { createRandomPool } from './random.ts'
import { createInputKeeper } from './replay/input-keeper.ts'
import { createInputSeal } from './replay/seal-input.ts'
import { createRefusalBudget } from './sign-in/record-refusal.ts'
import { createSignInQueue } from './sign-in/sign-in-queue.ts'
import { migrateSchema } from './store/migrate-schema.ts'
import { openStorage } from './store/open-storage.ts'
import { createDirectory } from './store/postgres-directory.ts'
import type { Storage, StorageNotice } from './store/storage.ts'

const random = createRandomPool()
const ids = new V7Generator(random)

/**
 * Wiring: the one place that knows every part. `openLatchkey` gives what a command needs, `serve` what a server is.
 * Time and randomness come into the program here and are handed on as arguments.
 */
export const outside = {
  now: () => new Date(),
  newId: () => ids.generate().toString(),
  randomBytes: random.take,
}

/** An open installation: its storage with the current schema. */
export interface Latchkey {
  readonly storage: Storage
  readonly directory: Directory
  close(): Promise<void>
}

/** Throws what opening the storage and bringing up its schema throw. */
export async function openLatchkey(
  settings: Settings,
  report: (notice: StorageNotice) => void = () => undefined,
): Promise<Latchkey> {
  const storage = await openStorage(settings.storage, { report })
  try {
    await migrateSchema(storage.pool)
  } catch (error) {
    await storage.close()
    throw error
  }
  return { storage, directory: createDirectory(storage.pool), close: () => storage.close() }
}

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

/** Which of several processes with one port this is. The first of them does the work that is done once. */
export interface ProcessPlace extends OtherProcesses {
  /** From 1. */
  readonly number: number
}

/**
 * Opens the installation and answers requests. Without a place this is the only process. Throws `port_in_use`,
 * `configuration_invalid` and what `openLatchkey` throws.
 */
export async function serve(settings: Settings, place?: ProcessPlace): Promise<RunningServer> {
  const log = createLog(settings, place?.number)
  const latchkey = await openLatchkey(settings, ({ level, message, error }) => log[level]({ err: error }, message))
  try {
    return await startServer(settings, { latchkey, log, place })
  } catch (error) {
    await latchkey.close()
    throw error
  }
}

interface ServerParts {
  readonly latchkey: Latchkey
  readonly log: Logger
  readonly place: ProcessPlace | undefined
}

async function startServer(settings: Settings, { latchkey, log, place }: ServerParts): Promise<RunningServer> {
  const { directory } = latchkey
  const onDuty = place === undefined || place.number === 1
  if (onDuty) await warnOfDangerousSwitches(directory, log)
  const mappingModules = modulesOf(settings)
  await mappingModules.load()
  if (onDuty) await warnOfUnknownModules(directory, mappingModules, log)
  const keys = await openKeyRing(directory, secretOf(settings), outside)
  const onRefreshFailed = (error: unknown) => log.warn({ err: error }, 'applications could not be read again')
  const catalog = await openCatalog({ directory, now: outside.now, onRefreshFailed })
  const metrics = createMetrics({ process: place?.number })
  const signInQueue = createSignInQueue({ ...settings.signInPlaces, nowMs: () => performance.now() })
  metrics.watchQueue(signInQueue)
  const inputKeeper = createInputKeeper({
    directory,
    inputSeal: createInputSeal(secretOf(settings), outside.randomBytes),
    onFailed: (error) => log.warn({ err: error }, 'what sign-ins said could not be kept for replays'),
  })
  const metadataKeeper = openMetadataKeeper(settings, { directory, catalog, log })
  const gateway = openGateway(settings, { directory, keys, metrics, log })
  const administration = administrationOf(settings, directory, mappingModules)
  const onWritten = async () => {
    await Promise.all([catalog.reload(), keys.refresh()])
  }
  const http = await createHttpServer({
    ...outside,
    directory,
    catalog,
    gateway,
    metrics,
    log,
    keys,
    otherProcesses: place,
    listen: settings.listen,
    ...(settings.isApiOn ? { api: { administration, onWritten } } : {}),
    identityHeaders: previewHeaders,
    breakGlass: {
      secret: () => secretOf(settings),
      pace: createPace({ each: 10, all: 60 }),
      recordPace: createPace({ each: 30, all: 30 }),
    },
    approvals: createApprovals({ ...administration, actor: 'approval-link' }),
    waitingRoom: createWaitingRoom(administration),
    publicUrl: settings.publicUrl,
    sessionLimits: settings.sessionLimits,
    requestSigning: {
      get key() {
        return keys.samlSigning.privateKey
      },
    },
    get decryptionKeys() {
      return keys.samlEncryption.decryptionKeys
    },
    refreshKeys: metadataKeeper.refreshKeys,
    askIdentityProvider: createBackChannel(),
    mappingModules,
    ...(settings.keepInputsDays === 0 ? {} : { keepInput: inputKeeper.keep }),
    refusalBudget: createRefusalBudget(),
    signInQueue,
    onRecordFailed: (error) => log.error({ err: error }, 'a refusal could not be recorded'),
  })
  const adminSocket = await openAdminSocket(settings, administration, onWritten)
  const closeParts = async () => {
    await adminSocket?.close()
    await gateway.close()
    catalog.close()
    await mappingModules.close()
  }
  const { port } = await http.listen().catch(async (error: unknown) => {
    await closeParts()
    throw error
  })
  const { keepAttemptsDays, keepInputsDays } = settings
  const recheck = () => recheckDomains({ ...administration, actor: 'domain-check' })
  const kept = { keepAttemptsDays, keepInputsDays }
  const notices = openNoticeSender(settings, { administration, metrics, log })
  const background = { notices, recheck, directory, keys, metadataKeeper, metrics, log, ...kept, now: outside.now }
  const endBackgroundWork = await startBackgroundWork(background, onDuty)
  return {
    latchkey,
    catalog,
    metrics,
    log,
    port,
    async stop() {
      endBackgroundWork()
      await notices.close()
      await http.drain(settings.drainSeconds)
      await inputKeeper.close()
      await closeParts()
      await latchkey.close()
    },
  }
}

interface NoticeParts {
  readonly administration: Administration
  readonly metrics: Metrics
  readonly log: Logger
}

/** The log has a line for whoever begins to wait, webhook or not; an administrator may have it watched. */
function openNoticeSender({ webhook }: Settings, { administration, metrics, log }: NoticeParts): NoticeSender {
  return createNoticeSender({
    directory: administration.directory,
    now: outside.now,
    webhook: webhook && createWebhook(webhook),
    approvalLink: (account) => approvalLink(account, administration),
    onOutcome(outcome, { id, kind, organization, attempts, content }, reason) {
      if (outcome === 'begun')
        return log.info({ notice: kind, id, organization, ...content }, 'administrators are told')
      metrics.noticeTried({ kind, outcome })
      const level = outcome === 'failed' || outcome === 'given_up' ? 'warn' : 'debug'
      log[level]({ notice: kind, id, outcome, attempts, reason }, 'a notice was tried')
    },
  })
}

interface GatewayParts {
  readonly directory: Directory
  readonly keys: KeyRing
  readonly metrics: Metrics
  readonly log: Logger
}

function openGateway(settings: Settings, { keys, ...parts }: GatewayParts): Gateway {
  const { publicUrl, sessionLimits } = settings
  const clientAddress = createClientAddress(settings.trustedProxies)
  const signIdentity = createIdentitySigner({ key: () => keys.jwt, issuer: publicUrl, now: outside.now })
  return createGateway({ ...outside, ...parts, publicUrl, sessionLimits, signIdentity, clientAddress })
}

/** What commands and the socket act with. */
export function administrationOf(
  settings: Settings,
  directory: Directory,
  mappingModules: MappingModules = modulesOf(settings),
): Administration {
  const { publicUrl } = settings
  const secret = () => secretOf(settings)
  return {
    ...outside,
    directory,
    publicUrl,
    actor: 'cli',
    fetchMetadata: createMetadataFetcher(),
    resolveTxt,
    openFile: contentOfFile,
    secret,
    mappingModules,
    identityHeaders: previewHeaders,
  }
}

/** Nothing is loaded before it is asked. */
function modulesOf({ mappingModules: { files, ...limits } }: Settings): MappingModules {
  return createMappingModules(files, limits)
}

/** A connection whose module is gone refuses everybody: said at once, not by the first person. */
async function warnOfUnknownModules(directory: Directory, { names }: MappingModules, log: Logger): Promise<void> {
  for (const { id, settings } of await directory.listConnections()) {
    const { mappingModule } = settings
    if (mappingModule === undefined || names.includes(mappingModule)) continue
    log.warn({ connection: id, mappingModule }, 'the mapping module of a connection is not among mappingModules')
  }
}

/** Only an embedded database needs it: a served one is reached by commands directly. */
async function openAdminSocket(
  settings: Settings,
  deps: Administration,
  onWritten: () => Promise<void>,
): Promise<AdminSocket | undefined> {
  if (settings.storage.kind !== 'embedded') return undefined
  const path = adminSocketPath(settings.storage.dataDirectory)
  return startAdminSocket({ path, deps, onWritten })
}

/** Said again at each start, so that what was meant to be short does not stay for good. */
async function warnOfDangerousSwitches(directory: Directory, log: Logger): Promise<void> {
  for (const connection of await directory.listConnections()) {
    for (const { setting, message } of dangerousSwitches(connection)) {
      log.warn({ connection: connection.id, setting }, message)
    }
  }
}

/** The secret of the settings, or the one beside an embedded database. Throws `configuration_invalid`. */
function secretOf(settings: Settings): Buffer {
  if (settings.secret !== undefined) return settings.secret
  if (settings.storage.kind === 'embedded') return localSecret(settings.storage.dataDirectory, outside.randomBytes)
  throw new LatchkeyError('configuration_invalid', {
    check: 'secret',
    wanted: '32 bytes, base64, the same on every node',
    arrived: 'none',
    advice: 'Make one with `openssl rand -base64 32` and set LATCHKEY_SECRET or LATCHKEY_SECRET_FILE.',
  })
}

function openMetadataKeeper(
  settings: Settings,
  { directory, catalog, log }: { readonly directory: Directory; readonly catalog: Catalog; readonly log: Logger },
): MetadataKeeper {
  return createMetadataKeeper({
    deps: { ...administrationOf(settings, directory), actor: 'metadata-refresh' },
    onChanged(connection) {
      catalog.forgetConnection(connection)
      log.info({ connection }, 'the metadata of a connection has changed')
    },
    onFailed(connection, error) {
      log.warn({ connection, ...describeFailure(error) }, 'metadata could not be refreshed; what was known stays')
    },
  })
}
