import { type CliCommand, positional } from '../cli-command.ts'
import { differenceText } from '../difference-text.ts'

export const connectionRefresh: CliCommand = {
  words: 'connection refresh',
  summary: "Fetches the identity provider's metadata from its address again, and says what changed.",
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: { 'dry-run': { type: 'boolean', description: 'Says what would change, and changes nothing.' } },
  settings: 'storage',
  examples: ['latchkey connection refresh company-a --dry-run'],
  run: async (given, { administer }) => {
    const dryRun = given.flags['dry-run'] === true
    const result = await administer('connection.refresh', { id: positional(given, 0), dryRun })
    const { changes, connection, nextRefreshAt } = result
    const next = dryRun ? 'Nothing was written.' : `Next refresh: ${nextRefreshAt}.`
    if (changes.length === 0) return { result, text: `Nothing changed in the metadata. ${next}` }
    return {
      result,
      text: [`~ connection ${connection}`, ...changes.map((change) => differenceText(change, 400)), next].join('\n'),
    }
  },
}
