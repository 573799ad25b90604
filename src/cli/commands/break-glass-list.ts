import { type CliCommand, optional, textFlag } from '../cli-command.ts'
import { localListText } from './break-glass-text.ts'
import { organizationFlag } from './organization-flag.ts'

export const breakGlassList: CliCommand = {
  words: 'break-glass list',
  summary: 'Lists the local administrators of an organization, and what they could come in with.',
  positionals: [],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey break-glass list'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('break-glass.list', organization)
    return { result, text: localListText(result) }
  },
}
