import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountSuspend: CliCommand = {
  words: 'account suspend',
  summary: 'Ends the access of an account and all its sessions at once.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey account suspend ada@company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('account.suspend', { account: positional(given, 0), ...organization })
    const { username } = result.account
    if (!result.changed) return { result, text: `${username} was suspended already.` }
    return { result, text: `Suspended ${username}; sessions ended: ${result.sessionsEnded}.` }
  },
}
