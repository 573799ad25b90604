import { type CliCommand, positional } from '../cli-command.ts'
import { connectionText } from './connection-text.ts'

export const connectionShow: CliCommand = {
  words: 'connection show',
  summary: 'Shows a connection, and what to tell the administrator of its identity provider.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {},
  settings: 'storage',
  examples: ['latchkey connection show company-a'],
  run: async (given, { administer }) => {
    const result = await administer('connection.show', { id: positional(given, 0) })
    return { result, text: connectionText(result) }
  },
}
