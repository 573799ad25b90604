import type { CommandName, CommandResult } from '../admin/commands.ts'
import { loadSettings } from '../config/load-settings.ts'
import { freezeSettings } from '../config/settings.ts'
import type { CliCommand, CliContext, Outcome } from './cli-command.ts'
import { cliCommands } from './command-list.ts'
import { exitCodeOf } from './exit-code.ts'
import { findCommand } from './find-command.ts'
import { commandHelpText, overviewText } from './help-text.ts'
import { packageVersion } from './package-version.ts'
import { parseArguments } from './parse-arguments.ts'
import { type Reached, reachAdministration } from './reach-administration.ts'
import { readInput } from './read-input.ts'
import { refusalJson, refusalText } from './refusal-text.ts'

/**
 * The command line: words in, text and an exit code out. It decides nothing: `commands/` turns arguments into the input
 * of one command of `admin/` and its result into text; `reach-administration.ts` finds the data.
 */
export interface Terminal {
  readonly out: (text: string) => void
  readonly error: (text: string) => void
}

/** Gives the exit code (`exit-code.ts`). Never throws. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await runWords(words, terminal)
  } catch (error) {
    terminal.error(wantsJson(words) ? refusalJson(error) : refusalText(error))
    return exitCodeOf(error)
  }
}

function wantsJson(words: readonly string[]): boolean {
  return /(^| )(-o ?|--output[ =])json( |$)/.test(words.join(' '))
}

async function runWords(words: readonly string[], terminal: Terminal): Promise<number> {
  const overview = overviewFor(words)
  if (overview !== undefined) {
    terminal.out(overview)
    return 0
  }
  const { command, rest } = findCommand(cliCommands, words[0] === 'help' ? words.slice(1) : words)
  const { given, settings } = parseArguments(command, words[0] === 'help' ? ['--help'] : rest)
  if (given.flags.help === true) {
    terminal.out(commandHelpText(command))
    return 0
  }
  const { result, text, exitCode = 0 } = await runCommandLine(command, given, settings, terminal)
  const shown = given.flags.output === 'json' ? JSON.stringify(result, null, 2) : text
  if (shown !== '') terminal.out(shown)
  return exitCode
}

/** For no words, `--help`, `help`, a noun alone with or without `--help`, and `--version`. */
function overviewFor(words: readonly string[]): string | undefined {
  if (words[0] === '--version') return packageVersion()
  const plain = words.filter((word) => !['help', '--help', '-h'].includes(word))
  if (plain.length === 0) return overviewText(cliCommands)
  const ofNoun = cliCommands.filter((command) => command.words.startsWith(`${plain[0]} `))
  return plain.length === 1 && ofNoun.length > 0 ? overviewText(ofNoun) : undefined
}

async function runCommandLine(
  command: CliCommand,
  given: Parameters<CliCommand['run']>[0],
  flags: Readonly<Record<string, string | readonly string[]>>,
  terminal: Terminal,
): Promise<Outcome> {
  const settings = command.settings === 'none' ? freezeSettings({}) : loadSettings({ flags })
  let reached: Promise<Reached> | undefined
  const administer: CliContext['administer'] = async (name, input) => {
    reached ??= reachAdministration(settings, terminal.error)
    return asResult(name, await (await reached).call(name, input))
  }
  try {
    return await command.run(given, { settings, administer, readInput, print: terminal.error, say: terminal.out })
  } finally {
    await (await reached?.catch(() => undefined))?.close()
  }
}

/** Both ways to the data run the very function of the table, so its result is what the table says. */
function asResult<N extends CommandName>(_name: N, result: unknown): CommandResult<N> {
  return result as CommandResult<N>
}
