import type { z } from 'zod'
import type { SessionLimits } from '../directory/session.ts'
import { LatchkeyError } from '../errors.ts'
import type { settingTable } from './setting-table.ts'

/**
 * How this process runs, parsed once at start from flags, `LATCHKEY_…` variables and `latchkey.yaml`, then frozen.
 * `config/` is the only reader of `process.env`. Start reading at `read-settings.ts`.
 */
export interface Settings {
  /** Origin of Latchkey's own host, from which every absolute address is made. Never from `Host`. */
  readonly publicUrl: string
  readonly listen: { readonly host: string; readonly port: number }
  /** How many processes share the port. */
  readonly processes: number
  readonly storage: StorageSettings
  /** 32 bytes that seal private keys at rest. Embedded: made and kept in the data directory when none is given. */
  readonly secret?: Buffer
  /** Addresses or CIDR ranges whose forwarded headers count. Default: none. */
  readonly trustedProxies: readonly string[]
  readonly sessionLimits: SessionLimits
  /** How many sign-ins one process works on at once, and how many wait for that; who comes then is told to try again. */
  readonly signInPlaces: { readonly atOnce: number; readonly waiting: number }
  /** Whether `/api/v1` answers. */
  readonly isApiOn: boolean
  readonly keepAttemptsDays: number
  /** 0: nothing is kept for replays. */
  readonly keepInputsDays: number
  /** The operator's own mapping functions, and what each may take for one person. */
  readonly mappingModules: {
    readonly files: readonly { readonly name: string; readonly path: string }[]
    readonly milliseconds: number
    readonly megabytes: number
  }
  /** Where notices to administrators go; absent: nowhere but the log. */
  readonly webhook?: { readonly url: string; readonly secret: Buffer }
  /** How long `serve` waits for open requests after SIGTERM. */
  readonly drainSeconds: number
  readonly logLevel: LogLevel
}

export type LogLevel = 'silent' | 'error' | 'warn' | 'info' | 'debug'

export type StorageSettings =
  | { readonly kind: 'embedded'; readonly dataDirectory: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly poolSize: number }

/** Values as `setting-table.ts` parses them; what is absent takes its default. */
export type SettingValues = {
  readonly [D in (typeof settingTable)[number] as D['name']]?: z.output<D['type']>
}

/** Puts the defaults of `setting-table.ts` in place; a test keeps the two equal. */
export function freezeSettings(values: SettingValues): Settings {
  const port = values.listenPort ?? 8080
  return Object.freeze({
    publicUrl: values.publicUrl ?? `http://localhost:${port}`,
    listen: Object.freeze({ host: values.listenHost ?? '127.0.0.1', port }),
    processes: values.processes ?? 1,
    storage: Object.freeze(storageSettings(values)),
    ...(values.secret ? { secret: values.secret } : {}),
    trustedProxies: Object.freeze([...(values.trustedProxies ?? [])]),
    sessionLimits: Object.freeze({
      idleSeconds: values.sessionIdleSeconds ?? 3600,
      absoluteSeconds: values.sessionAbsoluteSeconds ?? 43_200,
    }),
    signInPlaces: Object.freeze({ atOnce: values.signInsAtOnce ?? 32, waiting: values.signInsWaiting ?? 2000 }),
    isApiOn: values.api === 'on',
    keepAttemptsDays: values.keepAttemptsDays ?? 30,
    keepInputsDays: values.keepInputsDays ?? 30,
    mappingModules: Object.freeze({
      files: Object.freeze([...(values.mappingModules ?? [])]),
      milliseconds: values.mappingModuleMilliseconds ?? 1000,
      megabytes: values.mappingModuleMegabytes ?? 64,
    }),
    ...webhookSettings(values),
    drainSeconds: values.drainSeconds ?? 20,
    logLevel: values.logLevel ?? 'info',
  })
}

/** Throws `configuration_invalid` for one without the other. */
function webhookSettings({ webhookUrl: url, webhookSecret: secret }: SettingValues): Pick<Settings, 'webhook'> {
  if (url !== undefined && secret !== undefined) return { webhook: Object.freeze({ url, secret }) }
  if (url === undefined && secret === undefined) return {}
  throw new LatchkeyError('configuration_invalid', {
    check: url === undefined ? 'webhookUrl' : 'webhookSecret',
    wanted: 'webhookUrl and webhookSecret, or neither',
    arrived: 'one of the two',
  })
}

function storageSettings(values: SettingValues): StorageSettings {
  if (values.databaseUrl !== undefined) {
    return { kind: 'postgres', url: values.databaseUrl, poolSize: values.poolSize ?? 10 }
  }
  return { kind: 'embedded', dataDirectory: values.dataDirectory ?? '.latchkey' }
}
