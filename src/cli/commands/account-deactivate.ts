import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountDeactivate: CliCommand = {
  words: 'account deactivate',
  summary: 'Ends an account for good, with all its sessions.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey account deactivate ada@company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('account.deactivate', { account: positional(given, 0), ...organization })
    const { username } = result.account
    if (!result.changed) return { result, text: `${username} was deactivated already.` }
    return { result, text: `Deactivated ${username}; sessions ended: ${result.sessionsEnded}.` }
  },
}
