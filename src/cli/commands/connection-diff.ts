import { LatchkeyError } from '../../errors.ts'
import { type CliCommand, positional, textFlag } from '../cli-command.ts'
import { differenceText } from '../difference-text.ts'
import { readVersion } from './connection-flags.ts'

export const connectionDiff: CliCommand = {
  words: 'connection diff',
  summary: 'Shows what differs between two versions of a connection, or its draft; exit code 1 when something does.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {
    from: { type: 'string', value: 'VERSION', description: 'A number or `draft`; the present version when not given.' },
    to: { type: 'string', value: 'VERSION', description: 'A number or `draft`; the draft, if any, when not given.' },
  },
  settings: 'storage',
  examples: ['latchkey connection diff company-a', 'latchkey connection diff company-a --from 3 --to 5'],
  run: async (given, { administer }) => {
    const from = which(textFlag(given, 'from'), '--from')
    const to = which(textFlag(given, 'to'), '--to')
    const result = await administer('connection.diff', {
      id: positional(given, 0),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    })
    if (result.changes.length === 0) return { result, text: 'No difference.' }
    const heading = `${nameOf(result.from)} → ${nameOf(result.to)}`
    return {
      result,
      text: [heading, ...result.changes.map((change) => differenceText(change))].join('\n'),
      exitCode: 1,
    }
  },
}

function which(text: string | undefined, at: string): number | 'draft' | undefined {
  if (text === undefined || text === 'draft') return text
  try {
    return readVersion(text, at)
  } catch (cause) {
    const wanted = 'a number or draft'
    throw new LatchkeyError('input_invalid', { check: 'version', wanted, arrived: text.slice(0, 100), at }, { cause })
  }
}

function nameOf(version: number | 'draft'): string {
  return version === 'draft' ? 'draft' : `version ${version}`
}
