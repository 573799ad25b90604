import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const roleGrant: CliCommand = {
  words: 'role grant',
  summary: 'Gives a role to an account by hand.',
  positionals: [
    { name: 'ROLE', description: 'Name of the role.' },
    { name: 'ACCOUNT', description: 'User name or id.' },
  ],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey role grant billing-admin ada@company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const role = positional(given, 0)
    const result = await administer('account.grant', { role, account: positional(given, 1), ...organization })
    const { username } = result.account
    if (!result.changed) return { result, text: `${username} holds ${role} by hand already.` }
    return { result, text: `Granted ${role} to ${username}.` }
  },
}
