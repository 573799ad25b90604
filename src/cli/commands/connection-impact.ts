import type { CommandResult } from '../../admin/commands.ts'
import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { textTable } from '../text-table.ts'
import { readLimit } from './account-list.ts'

export const connectionImpact: CliCommand = {
  words: 'connection impact',
  summary: 'Says what would go from which accounts if a connection, or one of its rules, went. Writes nothing.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {
    rule: { type: 'string', value: 'RULE', description: 'Only what this rule made, as `account show` names it.' },
    limit: {
      type: 'string',
      value: 'NUMBER',
      description: 'How many people are listed, 1 to 10000; 100 when not given.',
    },
  },
  settings: 'storage',
  examples: ['latchkey connection impact company-a', 'latchkey connection impact company-a --rule assertion-role'],
  run: async (given, { administer }) => {
    const result = await administer('connection.impact', {
      id: positional(given, 0),
      ...readLimit(textFlag(given, 'limit')),
      ...optional('rule', textFlag(given, 'rule')),
    })
    return { result, text: impactText(result) }
  },
}

function impactText(impact: CommandResult<'connection.impact'>): string {
  const { connection, rule, grants, fields, lost, accounts, otherRules } = impact
  if (otherRules !== undefined) {
    const others = otherRules.length > 0 ? otherRules.join(', ') : 'none'
    return `Nothing is there that rule ${rule} of connection ${connection} made. Rules that made something: ${others}.`
  }
  const what = rule === undefined ? `connection ${connection}` : `rule ${rule} of connection ${connection}`
  const reach = `${accounts.reached} accounts are reached over it, ${accounts.onlyHere} of them over no other connection.`
  return [
    `If ${what} went:`,
    ...(rule === undefined ? [reach] : []),
    textTable(
      ['grant', 'name', 'rule', 'accounts', 'would lose it'],
      grants.map((grant) => [grant.kind, grant.name, grant.rule, String(grant.accounts), String(grant.lost)]),
      'No role or group is from it.',
    ),
    textTable(
      ['field', 'rule', 'accounts'],
      fields.map((field) => [field.field, field.rule, String(field.accounts)]),
      'No field is from it.',
    ),
    textTable(
      ['account', 'would lose', 'name', 'rule'],
      lost.map(({ username, kind, name, rule: by }) => [username, kind, name, by]),
      'Nobody would lose a role or group.',
    ),
  ].join('\n\n')
}
