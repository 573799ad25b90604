import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { linkText, minutesFlag } from './break-glass-create.ts'
import { readMinutes } from './break-glass-text.ts'
import { organizationFlag } from './organization-flag.ts'

export const breakGlassEnrol: CliCommand = {
  words: 'break-glass enrol',
  summary: 'Prints a link with which a local administrator registers one passkey; the one before counts no longer.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: { ...organizationFlag, minutes: minutesFlag },
  settings: 'storage',
  examples: ['latchkey break-glass enrol vault-1', 'latchkey break-glass enrol vault-1 --minutes 15'],
  run: async (given, { administer }) => {
    const result = await administer('break-glass.enrol', {
      account: positional(given, 0),
      ...readMinutes(textFlag(given, 'minutes')),
      ...optional('organization', textFlag(given, 'organization')),
    })
    return { result, text: linkText(result) }
  },
}
