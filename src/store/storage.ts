import type { Pool } from 'pg'

/** A database to keep the directory in. It knows nothing of the schema. */
export interface Storage {
  readonly kind: 'embedded' | 'postgres'
  readonly pool: Pool
  /** Waits for queries under way, brings everything to the disk, lets go of the data directory. Call it once. */
  close(): Promise<void>
}

/** Something about the storage that the operator should read. */
export interface StorageNotice {
  readonly level: 'info' | 'warn' | 'error'
  readonly message: string
  readonly error?: unknown
}

export interface StorageDependencies {
  readonly report: (notice: StorageNotice) => void
}
