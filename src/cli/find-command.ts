import { LatchkeyError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import type { CliCommand } from './cli-command.ts'

export interface FoundCommand {
  readonly command: CliCommand
  /** What follows its words. */
  readonly rest: readonly string[]
}

/** The command whose words come first. Throws `command_unknown` with the most likely one. */
export function findCommand(commands: readonly CliCommand[], words: readonly string[]): FoundCommand {
  for (const count of [2, 1]) {
    const typed = words.slice(0, count).join(' ')
    const command = commands.find((candidate) => candidate.words === typed)
    if (command) return { command, rest: words.slice(count) }
  }
  throw unknown(commands, words)
}

function unknown(commands: readonly CliCommand[], words: readonly string[]): LatchkeyError {
  const typed = words.filter((word) => !word.startsWith('-')).slice(0, 2)
  const ofNoun = commands.filter((command) => command.words.startsWith(`${typed[0]} `))
  const names = commands.map((command) => command.words)
  const nouns = [...new Set(names.map((name) => name.split(' ')[0] ?? ''))]
  const near = nearestName(typed.join(' '), names) ?? nearestName(typed[0] ?? '', nouns)
  return new LatchkeyError('command_unknown', {
    check: 'command',
    wanted: (ofNoun.length > 0 ? ofNoun.map((command) => command.words) : nouns).join(', '),
    arrived: typed.join(' ') || words.join(' '),
    advice: near === undefined ? '`latchkey --help` lists the commands.' : `Did you mean \`latchkey ${near}\`?`,
  })
}
