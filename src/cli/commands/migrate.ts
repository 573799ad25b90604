import type { Settings, StorageSettings } from '../../config/settings.ts'
import { LatchkeyError } from '../../errors.ts'
import type { Storage } from '../../store/storage.ts'
import { type CliCommand, type CliContext, type Outcome, textFlag } from '../cli-command.ts'

/** Who administers the storage itself goes past `admin/`: nothing may run on it meanwhile. */
export const migrate: CliCommand = {
  words: 'migrate',
  summary: 'Brings the tables up to date; with --to, moves everything into an empty PostgreSQL database.',
  positionals: [],
  flags: {
    to: {
      type: 'string',
      value: 'URL',
      description:
        'Copies every table there, all or nothing, and compares row counts and checksums. Stop the server first.',
    },
  },
  settings: 'storage',
  examples: [
    'latchkey migrate --database-url postgres://latchkey@db.example/latchkey',
    'latchkey migrate --to postgres://latchkey@db.example/latchkey',
  ],
  run: async (given, { settings, print }) => {
    const url = textFlag(given, 'to')
    return url === undefined ? updateTables(settings, print) : moveEverything(settings, url, print)
  },
}

async function updateTables(settings: Settings, print: CliContext['print']): Promise<Outcome> {
  const { migrateSchema } = await import('../../store/migrate-schema.ts')
  return withStorage(settings.storage, print, async ({ pool }) => {
    const result = await migrateSchema(pool)
    const text = result.applied.map((name) => `+ ${name}`).join('\n')
    return { result, text: text || 'The tables are up to date.' }
  })
}

async function moveEverything(settings: Settings, url: string, print: CliContext['print']): Promise<Outcome> {
  const { migrateSchema } = await import('../../store/migrate-schema.ts')
  const { moveStorage } = await import('../../store/move-storage.ts')
  const target: StorageSettings = { kind: 'postgres', url: checkAddress(url), poolSize: 2 }
  const tables = await withStorage(settings.storage, print, (from) =>
    withStorage(target, print, async (to) => {
      await migrateSchema(from.pool)
      await migrateSchema(to.pool)
      const onTable = ({ table, rows }: { table: string; rows: number }) => print(`${table}: ${rows} rows, equal`)
      return moveStorage({ from: from.pool, to: to.pool, onTable })
    }),
  )
  const next =
    'Set LATCHKEY_DATABASE_URL to it, and LATCHKEY_SECRET_FILE to secret.key of the data directory. The old data stays where it was.'
  return { result: { tables }, text: `Moved ${tables.length} tables. ${next}` }
}

/** Never shows the address: there may be a password in it. Throws `input_invalid`. */
function checkAddress(url: string): string {
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) return url
  const wanted = 'an address that begins with postgres:// or postgresql://'
  throw new LatchkeyError('input_invalid', { check: 'to', wanted, arrived: '(not shown)', at: '--to' })
}

/** Opens and closes it around the work. */
async function withStorage<T>(
  settings: StorageSettings,
  print: CliContext['print'],
  work: (storage: Storage) => Promise<T>,
): Promise<T> {
  const { openStorage } = await import('../../store/open-storage.ts')
  const storage = await openStorage(settings, { report: ({ message }) => print(message) })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}
