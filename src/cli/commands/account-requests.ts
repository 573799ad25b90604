import { type CliCommand, optional, textFlag } from '../cli-command.ts'
import { textTable } from '../text-table.ts'
import { readLimit } from './account-list.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountRequests: CliCommand = {
  words: 'account requests',
  summary: 'Lists who waits for approval, each with a link that decides it. Keep the links to yourself.',
  positionals: [],
  flags: {
    ...organizationFlag,
    limit: { type: 'string', value: 'NUMBER', description: 'At most this many, 1 to 1000; 100 when not given.' },
  },
  settings: 'storage',
  examples: ['latchkey account requests'],
  run: async (given, { administer }) => {
    const limit = readLimit(textFlag(given, 'limit'))
    const organization = optional('organization', textFlag(given, 'organization'))
    const result = await administer('account.requests', { ...limit, ...organization })
    const rows = result.map(({ account, note, link }) => [
      account.username,
      account.fields.mail?.values[0],
      account.createdAt,
      account.approvalExpiresAt,
      shorten(note?.text),
      link,
    ])
    return { result, text: textTable(['username', 'mail', 'asked', 'lapses', 'says', 'decide'], rows, 'Nobody waits.') }
  },
}

/** A line of the list; `account show` has the whole. */
function shorten(text: string | undefined): string | undefined {
  return text !== undefined && text.length > 60 ? `${text.slice(0, 59)}…` : text
}
