import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { printable } from '../text-table.ts'
import { organizationFlag } from './organization-flag.ts'

export const breakGlassRemove: CliCommand = {
  words: 'break-glass remove',
  summary: 'Removes a local administrator with all codes, passkeys and sessions. The last administrator stays.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey break-glass remove vault-1'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('break-glass.remove', { account: positional(given, 0), ...organization })
    return { result, text: `Removed ${printable(result.account.username)}.` }
  },
}
