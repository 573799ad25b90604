import type { CommandResult } from '../../admin/commands.ts'
import { type CliCommand, positional } from '../cli-command.ts'
import { whoMustAct } from '../refusal-text.ts'
import { printable, textList } from '../text-table.ts'

export const attemptShow: CliCommand = {
  words: 'attempt show',
  summary: 'Shows what happened in a sign-in, by the reference its person was shown.',
  positionals: [{ name: 'REFERENCE', description: 'As in `7f3k-92qd-01ab`.' }],
  flags: {},
  settings: 'storage',
  examples: ['latchkey attempt show 7f3k-92qd-01ab'],
  run: async (given, { administer }) => {
    const result = await administer('attempt.show', { reference: positional(given, 0) })
    return { result, text: attemptText(result) }
  },
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
  ])
  const steps = attempt.trace.flatMap(({ step, milliseconds, notes = {} }) => [
    `${step} (${milliseconds.toFixed(2)} ms)`,
    ...Object.entries(notes).map(([name, value]) => `    ${name}: ${noteText(value)}`),
  ])
  return [about, '', ...steps.map(printable)].join('\n')
}

function noteText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '')
}
