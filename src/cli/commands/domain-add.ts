import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { organizationFlag } from './organization-flag.ts'

export const domainAdd: CliCommand = {
  words: 'domain add',
  summary: 'Begins to prove that a domain belongs to an organization.',
  positionals: [{ name: 'DOMAIN', description: 'Of e-mail addresses: company-a.example.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey domain add company-a.example'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('domain.add', { domain: positional(given, 0), ...organization })
    return {
      result,
      text: `Make this TXT record, then: latchkey domain verify ${result.domain}\n${result.challenge.name} TXT "${result.challenge.value}"`,
    }
  },
}
