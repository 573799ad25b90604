import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { codesText } from './break-glass-create.ts'
import { organizationFlag } from './organization-flag.ts'

export const breakGlassCodes: CliCommand = {
  words: 'break-glass codes',
  summary: 'Gives a local administrator a new set of recovery codes; those before count no longer.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey break-glass codes vault-1'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('break-glass.codes', { account: positional(given, 0), ...organization })
    return { result, text: codesText(result) }
  },
}
