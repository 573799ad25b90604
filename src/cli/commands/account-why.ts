import type { CommandResult } from '../../admin/commands.ts'
import { type CliCommand, optional, positional, textFlag } from '../cli-command.ts'
import { printable, textList } from '../text-table.ts'
import { organizationFlag } from './organization-flag.ts'

export const accountWhy: CliCommand = {
  words: 'account why',
  summary: 'Says why an account has a role, a group or a field: from whom, by which rule and assertion, since when.',
  positionals: [
    { name: 'ACCOUNT', description: 'User name or id.' },
    { name: 'WHAT', description: 'Name of a role, a group or a field.' },
  ],
  flags: organizationFlag,
  settings: 'storage',
  examples: ['latchkey account why ada@company-a.example billing-admin'],
  run: async (given, { administer }) => {
    const organization = optional('organization', textFlag(given, 'organization'))
    const input = { account: positional(given, 0), what: positional(given, 1), ...organization }
    const result = await administer('account.why', input)
    return { result, text: whyText(result), exitCode: result.reasons.length > 0 ? 0 : 1 }
  },
}

function whyText({ account, what, reasons }: CommandResult<'account.why'>): string {
  const who = printable(account.username)
  if (reasons.length === 0) return `${who} has no role, group or field named ${printable(what)}.`
  return reasons
    .map((reason) =>
      textList([
        [`${reason.kind} ${printable(reason.name)}`, reason.values?.join(', ') ?? `held by ${who}`],
        ['from', reason.source],
        ['by rule', reason.rule],
        ['since', reason.since],
        ['sign-in', reason.attempt?.reference ?? 'none that is still known'],
        ['assertion', reason.attempt?.assertion],
        ['if that goes', ifGone(reason)],
      ]),
    )
    .join('\n\n')
}

function ifGone({ kind, source, alsoFrom }: CommandResult<'account.why'>['reasons'][number]): string {
  if (alsoFrom.length > 0) return `it stays: it is held from ${alsoFrom.join(', ')} too`
  return kind === 'field' ? `it is nobody's: another source may write it` : `it is lost: nobody but ${source} gives it`
}
