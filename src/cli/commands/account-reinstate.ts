import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountReinstate: CliCommand = {
  words: 'account reinstate',
  summary: 'Gives a suspended account its access back; the person signs in anew.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey account reinstate ada@company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('account.reinstate', { account: positional(given, 0), ...organization })
    const { username } = result.account
    return { result, text: result.changed ? `Reinstated ${username}.` : `${username} was active already.` }
  },
}
