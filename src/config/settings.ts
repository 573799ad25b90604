import type { SessionLimits } from '../directory/session.ts'

/**
 * How this process runs, parsed once at start from flags, `LATCHKEY_…` variables and `latchkey.yaml`, then frozen.
 * `config/` is the only reader of `process.env`.
 */
export interface Settings {
  /** Origin of Latchkey's own host, from which every absolute address is made. Never from `Host`. */
  readonly publicUrl: string
  readonly listen: { readonly host: string; readonly port: number }
  readonly storage: StorageSettings
  /** 32 bytes that seal private keys at rest. Embedded: made and kept in the data directory when none is given. */
  readonly secret?: Buffer
  /** Addresses or CIDR ranges whose forwarded headers count. Default: none. */
  readonly trustedProxies: readonly string[]
  readonly sessionLimits: SessionLimits
  readonly keepAttemptsDays: number
  /** How long `serve` waits for open requests after SIGTERM. */
  readonly drainSeconds: number
  readonly logLevel: 'silent' | 'error' | 'warn' | 'info' | 'debug'
}

export type StorageSettings =
  | { readonly kind: 'embedded'; readonly dataDirectory: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly poolSize: number }
