import type { CommandResult } from '../../admin/commands.ts'
import { type CliCommand, type CliFlag, optional, positional, textFlag, textFlags } from '../cli-command.ts'
import { printable } from '../text-table.ts'
import { readMinutes } from './break-glass-text.ts'
import { organizationFlag } from './organization-flag.ts'

export const minutesFlag: CliFlag = {
  type: 'string',
  value: 'NUMBER',
  description: 'How long the link to register a passkey counts; 60 when not given, at most 10080.',
}

export const breakGlassCreate: CliCommand = {
  words: 'break-glass create',
  summary: 'Makes a local administrator, whom no connection can touch, with recovery codes and a link for a passkey.',
  positionals: [{ name: 'USERNAME', description: 'A user name that nobody has.' }],
  flags: {
    ...organizationFlag,
    role: {
      type: 'string',
      value: 'ROLE',
      multiple: true,
      description: 'A role held besides the one that administers the organization.',
    },
    minutes: minutesFlag,
  },
  settings: 'storage',
  examples: ['latchkey break-glass create vault-1', 'latchkey break-glass create vault-1 --role billing-admin'],
  run: async (given, { administer }) => {
    const result = await administer('break-glass.create', {
      username: positional(given, 0),
      roles: [...textFlags(given, 'role')],
      ...readMinutes(textFlag(given, 'minutes')),
      ...optional('organization', textFlag(given, 'organization')),
    })
    return {
      result,
      text: [`Made ${printable(result.account.username)}.`, codesText(result), linkText(result)].join('\n\n'),
    }
  },
}

export function codesText({ codes }: Pick<CommandResult<'break-glass.codes'>, 'codes'>): string {
  const list = codes.map((code, index) => `  ${index + 1}  ${code}`).join('\n')
  return `Recovery codes. Each opens one session. They are shown now and never again: keep them on paper, in a safe.\n\n${list}`
}

export function linkText({
  link,
  linkExpiresAt,
}: Pick<CommandResult<'break-glass.enrol'>, 'link' | 'linkExpiresAt'>): string {
  return `To register a passkey, once, until ${linkExpiresAt}:\n\n  ${link}`
}
