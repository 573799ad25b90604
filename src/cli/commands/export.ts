import { stringify } from 'yaml'
import type { CliCommand } from '../cli-command.ts'

/** `export` is a word of the language. */
export const exportCommand: CliCommand = {
  words: 'export',
  summary: 'Writes organizations, roles, connections and applications as a file for `latchkey apply`.',
  positionals: [],
  flags: {},
  settings: 'storage',
  examples: ['latchkey export > latchkey-declaration.yaml'],
  run: async (_given, { administer }) => {
    const result = await administer('declaration.export', {})
    return { result, text: stringify(result, { lineWidth: 0 }).trimEnd() }
  },
}
