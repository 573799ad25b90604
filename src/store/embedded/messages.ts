import type { ErrorCode, ErrorDetail } from '../../errors.ts'

/** What the two threads of the embedded database say to each other. Sessions are numbered; one at a time is open. */

export interface WorkerSettings {
  /** Absolute path of an existing database. */
  readonly databaseDirectory: string
}

export type ToWorker =
  /** Begins a session: what the one before left behind (transaction, settings, statements) is discarded. */
  | { readonly kind: 'connect'; readonly session: number }
  /** Whole messages of the PostgreSQL protocol, up to one that asks for an answer. */
  | { readonly kind: 'batch'; readonly session: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'close' }

export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly detail: ErrorDetail }
  | { readonly kind: 'answer'; readonly session: number; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'aborted'; readonly reason: string }
  | { readonly kind: 'closed' }
