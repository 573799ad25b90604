import type { CommandResult } from '../../admin/commands.ts'
import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, positional, textFlag } from '../cli-command.ts'
import { whoMustAct } from '../refusal-text.ts'
import { printable, textList, textTable } from '../text-table.ts'

export const attemptShow: CliCommand = {
  words: 'attempt show',
  summary: 'Shows what happened in a sign-in, by the reference its person was shown.',
  positionals: [{ name: 'REFERENCE', description: 'As in `7f3k-92qd-01ab`.' }],
  flags: {
    view: {
      type: 'string',
      value: 'VIEW',
      description:
        '`administrator` (all), `partner` (for the administrators of the identity provider) or `person`; all when not given.',
    },
    reveal: { type: 'boolean', description: 'Shows personal values, which are masked otherwise. That is recorded.' },
  },
  settings: 'storage',
  examples: ['latchkey attempt show 7f3k-92qd-01ab', 'latchkey attempt show 7f3k-92qd-01ab --view partner'],
  run: async (given, { administer }) => {
    const reference = positional(given, 0)
    const view = readView(textFlag(given, 'view'), given.flags.reveal === true)
    if (view !== 'administrator') {
      const result = await administer('attempt.view', { reference, view })
      return { result, text: viewText(result) }
    }
    const result = await administer(given.flags.reveal === true ? 'attempt.reveal' : 'attempt.show', { reference })
    return { result, text: attemptText(result) }
  },
}

function readView(text: string | undefined, isRevealed: boolean): 'administrator' | 'partner' | 'person' {
  if (text === undefined || text === 'administrator') return 'administrator'
  const wanted = isRevealed ? 'administrator, with --reveal' : 'administrator, partner or person'
  if (!isRevealed && (text === 'partner' || text === 'person')) return text
  throw new LatchkeyError('input_invalid', { check: 'view', wanted, arrived: text, at: '--view' })
}

function viewText(view: CommandResult<'attempt.view'>): string {
  const about = [
    ['reference', view.reference],
    ['at', view.at],
    ['outcome', view.outcome],
    ['the person read', view.sentence],
  ] as const
  if (view.view === 'person') return textList(about)
  return textList([
    ...about,
    ['code', view.code],
    ['to fix', view.outcome === 'accepted' ? undefined : view.isTheirs ? 'at your identity provider' : 'not by you'],
    ['your entity ID', view.identityProvider],
    ['our entity ID', view.serviceProvider],
    ['assertion', view.assertion],
    ['signed with key', view.key],
    ['check', view.check],
    ['wanted', view.wanted],
    ['arrived', view.arrived],
    ['advice', view.advice],
    ['attributes that arrived', view.arrivedAttributes?.join(', ')],
  ])
}

function attemptText(attempt: CommandResult<'attempt.show'>): string {
  const about = textList([
    ['reference', attempt.reference],
    ['at', attempt.at],
    ['connection', attempt.connectionId],
    ['outcome', [attempt.outcome, attempt.code].filter(Boolean).join(': ')],
    ['the person read', attempt.sentence],
    ['to fix', attempt.fix && whoMustAct[attempt.fix]],
    ['account', attempt.accountId],
    ['NameID', attempt.input?.nameId && `${attempt.input.nameId.value} (${attempt.input.nameId.format})`],
    ['personal values', attempt.revealed ? undefined : 'masked; --reveal shows them, and that is recorded'],
  ])
  const steps = attempt.trace.flatMap(({ step, milliseconds, notes = {} }) => [
    `${step} (${milliseconds.toFixed(2)} ms)`,
    ...Object.entries(notes).map(([name, value]) => `    ${name}: ${noteText(value)}`),
  ])
  const writes = attempt.writes.map(({ action, detail }) => [action, noteText(detail)])
  const fields = attempt.fields.map(({ field, before, after, rule }) => [
    field,
    before?.join(', ') ?? '(none)',
    after?.join(', ') ?? '(replaced since)',
    rule,
  ])
  const arrived = attempt.input?.attributes.map(({ name, values }) => [name, values.join(', ')]) ?? []
  return [
    about,
    steps.map(printable).join('\n'),
    ...(arrived.length > 0 ? [textTable(['attribute', 'arrived'], arrived, '')] : []),
    ...(fields.length > 0 ? [textTable(['field', 'before', 'after', 'rule'], fields, '')] : []),
    ...(writes.length > 0 ? [textTable(['written', 'detail'], writes, '')] : []),
  ].join('\n\n')
}

function noteText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
