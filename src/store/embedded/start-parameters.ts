import { PGlite } from '@electric-sql/pglite'

/** PGlite's own start, but with fsync, and by a method that reaches our file system: its fdatasync does nothing. */
export const startParameters: string[] = [
  ...PGlite.defaultStartParams.filter((parameter) => parameter !== '-F'),
  ...['wal_sync_method=fsync', 'shared_buffers=16MB', 'log_min_messages=fatal'].flatMap((setting) => ['-c', setting]),
]
