import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountRelink: CliCommand = {
  words: 'account relink',
  summary: 'Leads somebody whose sign-in was refused to the account they have already.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: {
    ...organizationFlag,
    attempt: {
      type: 'string',
      value: 'REFERENCE',
      description: 'The refused sign-in: account_conflict or account_link_pending.',
    },
  },
  settings: 'storage',
  examples: ['latchkey account relink ada@company-a.example --attempt 7f3k-92qd-01ab'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const attempt = textFlag(given, 'attempt') ?? ''
    const result = await administer('account.relink', { account: positional(given, 0), attempt, ...organization })
    const { account, connection, before } = result
    const moved = before === undefined ? '' : ` It led to account ${before} before.`
    return { result, text: `The sign-in over ${connection} leads to ${account.username} from now on.${moved}` }
  },
}
