import type { Logger } from 'pino'
import { type Catalog, openCatalog } from '../access/catalog.ts'
import type { Administration } from '../admin/administration.ts'
import { createMetadataKeeper, type MetadataKeeper } from '../admin/keep-metadata-fresh.ts'
import { describeFailure } from '../admin/refresh-metadata.ts'
import type { Settings } from '../config/settings.ts'
import type { Directory } from '../directory/directory.ts'
import { createGateway, type Gateway } from '../gateway/gateway.ts'
import { createIdentitySigner } from '../gateway/identity-assertion.ts'
import { createClientAddress } from '../http/client-address.ts'
import type { OtherProcesses } from '../http/http-dependencies.ts'
import { createMetrics, type Metrics } from '../http/metrics.ts'
import { type KeyRing, openKeyRing } from '../keys/key-ring.ts'
import { administrationOf, outside, secretOf } from '../main.ts'
import type { MappingModules } from '../mapping-modules/mapping-modules.ts'
import { createInputKeeper, type InputKeeper } from '../replay/input-keeper.ts'
import { createInputSeal } from '../replay/seal-input.ts'
import { createSignInQueue, type SignInQueue } from '../sign-in/sign-in-queue.ts'

/** Which of several processes with one port this is. The first of them does the work that is done once. */
export interface ProcessPlace extends OtherProcesses {
  /** From 1. */
  readonly number: number
}

/** What a server starts from. */
export interface Ground {
  readonly settings: Settings
  readonly directory: Directory
  readonly mappingModules: MappingModules
  readonly log: Logger
  /** Absent: the only process. */
  readonly place: ProcessPlace | undefined
}

/** The parts of a running server that live as long as it does. */
export interface ServerParts extends Ground {
  readonly metrics: Metrics
  readonly keys: KeyRing
  readonly catalog: Catalog
  readonly gateway: Gateway
  readonly signInQueue: SignInQueue
  readonly inputKeeper: InputKeeper
  readonly metadataKeeper: MetadataKeeper
  readonly administration: Administration
  /** After a command that may have written: what is remembered here is read again. */
  readonly onWritten: () => Promise<void>
}

/** Throws `configuration_invalid` and what reading the directory throws. */
export async function openParts(ground: Ground): Promise<ServerParts> {
  const { settings, directory, mappingModules, place, log } = ground
  const keys = await openKeyRing(directory, secretOf(settings), outside)
  const onRefreshFailed = (error: unknown) => log.warn({ err: error }, 'applications could not be read again')
  const catalog = await openCatalog({ directory, now: outside.now, onRefreshFailed })
  const metrics = createMetrics({ process: place?.number })
  const signInQueue = createSignInQueue({ ...settings.signInPlaces, nowMs: () => performance.now() })
  metrics.watchQueue(signInQueue)
  return {
    ...ground,
    metrics,
    keys,
    catalog,
    signInQueue,
    gateway: openGateway(ground, { keys, metrics }),
    inputKeeper: openInputKeeper(ground),
    metadataKeeper: openMetadataKeeper(ground, catalog),
    administration: administrationOf(settings, directory, mappingModules),
    async onWritten() {
      await Promise.all([catalog.reload(), keys.refresh()])
    },
  }
}

function openGateway(
  { settings, directory, log }: Ground,
  { keys, metrics }: { readonly keys: KeyRing; readonly metrics: Metrics },
): Gateway {
  const { publicUrl, sessionLimits } = settings
  const clientAddress = createClientAddress(settings.trustedProxies)
  const signIdentity = createIdentitySigner({ key: () => keys.jwt, issuer: publicUrl, now: outside.now })
  return createGateway({ ...outside, directory, metrics, log, publicUrl, sessionLimits, signIdentity, clientAddress })
}

function openInputKeeper({ settings, directory, log }: Ground): InputKeeper {
  return createInputKeeper({
    directory,
    inputSeal: createInputSeal(secretOf(settings), outside.randomBytes),
    onFailed: (error) => log.warn({ err: error }, 'what sign-ins said could not be kept for replays'),
  })
}

function openMetadataKeeper({ settings, directory, log }: Ground, catalog: Catalog): MetadataKeeper {
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
