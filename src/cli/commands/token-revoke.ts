import { type CliCommand, positional } from '../cli-command.ts'

export const tokenRevoke: CliCommand = {
  words: 'token revoke',
  summary: 'Ends a token of the API at once.',
  positionals: [{ name: 'NAME', description: 'The token.' }],
  flags: {},
  settings: 'storage',
  examples: ['latchkey token revoke reports'],
  run: async (given, { administer }) => {
    const result = await administer('token.revoke', { name: positional(given, 0) })
    return { result, text: `Revoked ${result.name}.` }
  },
}
