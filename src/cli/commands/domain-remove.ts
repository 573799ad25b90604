import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const domainRemove: CliCommand = {
  words: 'domain remove',
  summary: 'Forgets a domain: nobody is linked by it any more.',
  positionals: [{ name: 'DOMAIN', description: 'Of e-mail addresses: company-a.example.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey domain remove company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('domain.remove', { domain: positional(given, 0), ...organization })
    return { result, text: `Removed ${result.domain}.` }
  },
}
