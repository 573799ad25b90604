import { PGlite } from '@electric-sql/pglite'

const settings = [
  'wal_sync_method=fsync',
  'shared_buffers=16MB',
  'log_min_messages=fatal',
  // As with a server: see `open-served-storage.ts`.
  'plan_cache_mode=force_generic_plan',
]

/** PGlite's own start, but with fsync, and by a method that reaches our file system: its fdatasync does nothing. */
export const startParameters: string[] = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...settings.flatMap((setting) => ['-c', setting]),
]
