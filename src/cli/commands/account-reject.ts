import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountReject: CliCommand = {
  words: 'account reject',
  summary: 'Refuses somebody who waits for approval, until they are reinstated.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey account reject ada@company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('account.reject', { account: positional(given, 0), ...organization })
    const { username } = result.account
    if (!result.changed) return { result, text: `${username} was refused already.` }
    return { result, text: `Rejected ${username}.` }
  },
}
