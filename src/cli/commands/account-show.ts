import type { CommandResult } from '../../admin/commands.ts'
import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { textList, textTable } from '../text-table.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountShow: CliCommand = {
  words: 'account show',
  summary: 'Shows an account: each way in, field and grant, who wrote it, by which rule, since when.',
  positionals: [{ name: 'ACCOUNT', description: 'User name or id.' }],
  flags: {
    ...organizationFlag,
    reveal: { type: 'boolean', description: 'Shows sensitive values, which are masked otherwise. That is recorded.' },
  },
  settings: 'storage',
  examples: ['latchkey account show ada@company-a.example --organization company-a'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const command = given.flags.reveal === true ? 'account.reveal' : 'account.show'
    const result = await administer(command, { account: positional(given, 0), ...organization })
    return { result, text: accountText(result) }
  },
}

function accountText({ account, grants, identities, note }: CommandResult<'account.show'>): string {
  const about = textList([
    ['account', account.id],
    ['organization', account.organizationId],
    ['username', account.username],
    ['state', account.state],
    ['ends', account.expiresAt ? `${account.expiresAt}${account.endsByType ? ' (by its type)' : ''}` : 'not set'],
    ['created', account.createdAt],
    ['last sign-in', account.lastSignInAt ?? 'never'],
    ['says', note?.text],
  ])
  const fields = Object.entries(account.fields).map(([name, { values, source, rule, since }]) => [
    name,
    values.join(', '),
    source,
    rule,
    since,
  ])
  const held = grants.map(({ kind, name, source, rule, since }) => [kind, name, source, rule, since])
  const ways = identities.map(({ connection, since, how }) => [connection, since, how])
  return [
    about,
    textTable(['way in', 'since', 'how'], ways, 'No way in.'),
    textTable(['field', 'value', 'source', 'rule', 'since'], fields, 'No fields.'),
    textTable(['grant', 'name', 'source', 'rule', 'since'], held, 'No roles or groups.'),
  ].join('\n\n')
}
