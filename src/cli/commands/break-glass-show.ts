import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { localText } from './break-glass-text.ts'
import { organizationFlag } from './organization-flag.ts'

export const breakGlassShow: CliCommand = {
  words: 'break-glass show',
  summary: 'Shows a local administrator: when each recovery code and each passkey was used.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey break-glass show vault-1'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('break-glass.show', { account: positional(given, 0), ...organization })
    return { result, text: localText(result) }
  },
}
