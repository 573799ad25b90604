import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const domainVerify: CliCommand = {
  words: 'domain verify',
  summary: 'Looks in the DNS for the record that proves a domain.',
  positionals: [{ name: 'DOMAIN', description: 'Of e-mail addresses: company-a.example.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey domain verify company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('domain.verify', { domain: positional(given, 0), ...organization })
    return { result, text: `${result.domain} is verified.` }
  },
}
