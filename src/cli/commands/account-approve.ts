import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountApprove: CliCommand = {
  words: 'account approve',
  summary: 'Lets somebody in who waits for approval.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey account approve ada@company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('account.approve', { account: positional(given, 0), ...organization })
    const { username } = result.account
    if (!result.changed) return { result, text: `${username} is active already.` }
    return { result, text: `Approved ${username}. Next: the person signs in again.` }
  },
}
