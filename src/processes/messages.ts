import type { Settings } from '../config/settings.ts'
import type { ErrorCode, ErrorDetail } from '../errors.ts'
import type { MetricsOfProcess } from '../http/metrics.ts'

/** What the first process and the ones that answer requests say to each other. */

export type ToChild =
  | { readonly kind: 'start'; readonly settings: Settings; readonly number: number }
  | { readonly kind: 'stop' }
  /** Asks what this process has counted. */
  | { readonly kind: 'measure'; readonly question: number }
  /** Answers `gather`. */
  | { readonly kind: 'gathered'; readonly question: number; readonly metrics: readonly MetricsOfProcess[] }

export type FromChild =
  /** It listens to messages now. */
  | { readonly kind: 'here' }
  | { readonly kind: 'ready'; readonly port: number }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: ErrorDetail }
  /** Answers `measure`. */
  | { readonly kind: 'measured'; readonly question: number; readonly metrics: MetricsOfProcess }
  /** Asks what all processes have counted. */
  | { readonly kind: 'gather'; readonly question: number }
