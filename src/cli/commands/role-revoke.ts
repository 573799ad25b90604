import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const roleRevoke: CliCommand = {
  words: 'role revoke',
  summary: 'Takes back a role that was given by hand.',
  positionals: [
    { name: 'ROLE', description: 'Name of the role.' },
    { name: 'ACCOUNT', description: 'User name or id.' },
  ],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey role revoke billing-admin ada@company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const role = positional(given, 0)
    const result = await administer('account.revoke', { role, account: positional(given, 1), ...organization })
    const { username } = result.account
    const others = result.alsoGrantedBy.join(', ')
    const rest = others === '' ? '' : ` It is still granted by ${others}.`
    if (!result.changed) return { result, text: `${username} does not hold ${role} by hand.${rest}` }
    return { result, text: `Revoked ${role} from ${username}.${rest}` }
  },
}
