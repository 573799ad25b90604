import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { printable } from '../text-table.ts'
import { organizationFlag } from './organization-flag.ts'

export const breakGlassRemovePasskey: CliCommand = {
  words: 'break-glass remove-passkey',
  summary: 'Removes a passkey of a local administrator. Sessions it opened go on until they end: at most an hour.',
  positionals: [
    { name: 'ACCOUNT', description: 'User name or id.' },
    { name: 'PASSKEY', description: 'As `latchkey break-glass show` names it.' },
  ],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey break-glass remove-passkey vault-1 3fb29c01'],
  run: async (given, { administer }) => {
    const result = await administer('break-glass.remove-passkey', {
      account: positional(given, 0),
      passkey: positional(given, 1),
      ...optional('organization', textFlag(given, 'organization')),
    })
    return { result, text: `Removed ${printable(result.passkey)} of ${printable(result.account.username)}.` }
  },
}
