import { type CliCommand, optional, textFlag } from '../cli-command.ts'
import { textTable } from '../text-table.ts'
import { organizationFlag } from './organization-flag.ts'

export const domainList: CliCommand = {
  words: 'domain list',
  summary: 'Lists the domains of an organization, and whether they are proved.',
  positionals: [],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey domain list'],
  run: async (given, { administer }) => {
    const result = await administer('domain.list', { ...optional('organization', textFlag(given, 'organization')) })
    const rows = result.map(({ domain, verifiedAt, checkedAt, challenge }) => [
      domain,
      verifiedAt ?? 'not verified',
      checkedAt,
      `${challenge.name} TXT "${challenge.value}"`,
    ])
    return { result, text: textTable(['domain', 'verified', 'checked', 'record'], rows, 'There is no domain.') }
  },
}
