import type { CliCommand } from '../cli-command.ts'

export const migrate: CliCommand = {
  words: 'migrate',
  summary: 'Brings the tables up to date.',
  positionals: [],
  flags: {},
  settings: 'storage',
  examples: ['latchkey migrate --database-url postgres://latchkey@db.example/latchkey'],
  run: async (_given, { settings, print }) => {
    const { openStorage } = await import('../../store/open-storage.ts')
    const { migrateSchema } = await import('../../store/migrate-schema.ts')
    const storage = await openStorage(settings.storage, { report: ({ message }) => print(message) })
    try {
      const result = await migrateSchema(storage.pool)
      const text = result.applied.map((name) => `+ ${name}`).join('\n')
      return { result, text: text || 'The tables are up to date.' }
    } finally {
      await storage.close()
    }
  },
}
