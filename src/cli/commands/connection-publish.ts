import { type CliCommand, positional } from '../cli-command.ts'
import { writtenText } from './written-text.ts'

export const connectionPublish: CliCommand = {
  words: 'connection publish',
  summary: 'Makes the draft of a connection its configuration.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {},
  settings: 'storage',
  examples: ['latchkey connection publish company-a'],
  run: async (given, { administer }) => {
    const result = await administer('connection.publish', { id: positional(given, 0) })
    return { result, text: writtenText(result) }
  },
}
