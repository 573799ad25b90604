import { type CliCommand, positional } from '../cli-command.ts'
import { readVersion, roleSyncAnswerOf, roleSyncFlags } from './connection-flags.ts'
import { writtenText } from './written-text.ts'

export const connectionRollback: CliCommand = {
  words: 'connection rollback',
  summary: 'Gives a connection the settings of an earlier version, as a new one; the metadata stays as it is.',
  positionals: [
    { name: 'ID', description: 'The connection.' },
    { name: 'VERSION', description: 'As `latchkey connection versions` lists it.' },
  ],
  flags: roleSyncFlags,
  settings: 'storage',
  examples: ['latchkey connection rollback company-a 3'],
  run: async (given, { administer }) => {
    const version = readVersion(positional(given, 1), 'VERSION')
    const answer = roleSyncAnswerOf(given)
    const result = await administer('connection.rollback', { id: positional(given, 0), version, ...answer })
    return { result, text: writtenText(result, answer.dryRun) }
  },
}
