import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, type Given, positional, textFlag } from '../cli-command.ts'
import { roleSyncAnswerOf, roleSyncFlags } from './connection-flags.ts'
import { writtenText } from './written-text.ts'

export const connectionPublish: CliCommand = {
  words: 'connection publish',
  summary: 'Makes the draft of a connection its configuration.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {
    'max-changes': {
      type: 'string',
      value: 'N|P%',
      description: 'Refuses when a replay says that more people would change: a number, or a part of all.',
    },
    ...roleSyncFlags,
  },
  settings: 'storage',
  examples: ['latchkey connection publish company-a', 'latchkey connection publish company-a --max-changes 5%'],
  run: async (given, { administer }) => {
    const answer = roleSyncAnswerOf(given)
    const result = await administer('connection.publish', { id: positional(given, 0), ...budgetOf(given), ...answer })
    return { result, text: writtenText(result, answer.dryRun) }
  },
}

/** Throws `input_invalid`. */
function budgetOf(given: Given) {
  const text = textFlag(given, 'max-changes')
  if (text === undefined) return {}
  const [, number = '', percent] = /^(\d{1,9}(?:\.\d{1,3})?)(%?)$/.exec(text) ?? []
  if (percent === '%') return { maxChanges: { percent: Number(number) } }
  if (/^\d+$/.test(number)) return { maxChanges: { people: Number(number) } }
  const wanted = 'a number of people, or a part like 5%'
  throw new LatchkeyError('input_invalid', { check: 'max-changes', wanted, arrived: text, at: '--max-changes' })
}
