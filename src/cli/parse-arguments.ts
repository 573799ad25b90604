import { parseArgs } from 'node:util'
import { flagName, settingDefinitions, writtenNames } from '../config/setting-table.ts'
import { LatchkeyError } from '../errors.ts'
import { nearestName } from '../nearest-name.ts'
import type { CliCommand, CliFlag, Given } from './cli-command.ts'

/** Flags that every command takes. */
export const commonFlags: Readonly<Record<string, CliFlag>> = {
  output: { type: 'string', short: 'o', value: 'FORM', description: '`text` or `json`; text when not given.' },
  help: { type: 'boolean', short: 'h', description: 'Shows this help.' },
}

/** The flags a command takes from the table of settings. */
export function settingFlags(scope: CliCommand['settings']): Readonly<Record<string, CliFlag>> {
  if (scope === 'none') return {}
  const definitions = settingDefinitions.filter((definition) => scope === 'serve' || definition.scope === 'storage')
  const flags = definitions.flatMap((definition) =>
    writtenNames(definition).map((name): [string, CliFlag] => [
      flagName(name),
      {
        type: 'string',
        value: name === definition.name ? 'VALUE' : 'FILE',
        description: name === definition.name ? definition.description : `File that holds ${definition.name}.`,
        ...(definition.shape === 'list' ? { multiple: true as const } : {}),
      },
    ]),
  )
  const config: CliFlag = { type: 'string', value: 'FILE', description: 'Settings file instead of latchkey.yaml.' }
  return { config, ...Object.fromEntries(flags) }
}

export interface Arguments {
  readonly given: Given
  /** Flags that belong to settings, by flag name. */
  readonly settings: Readonly<Record<string, string | readonly string[]>>
}

/** What follows the command's words. Throws `command_unknown` with what was wanted. */
export function parseArguments(command: CliCommand, words: readonly string[]): Arguments {
  const ofSettings = settingFlags(command.settings)
  const flags = { ...ofSettings, ...command.flags, ...commonFlags }
  const { values, positionals } = parseWords(command, flags, words)
  if (values.help !== true) checkComplete(command, values, positionals)
  const given = { positionals, flags: values }
  return { given, settings: settingsOf(values, Object.keys(ofSettings)) }
}

function parseWords(command: CliCommand, flags: Readonly<Record<string, CliFlag>>, words: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(flags).map(([name, { type, short, multiple }]) => [
      name,
      { type, ...(short ? { short } : {}), multiple: multiple ?? false },
    ]),
  )
  try {
    return parseArgs({ args: [...words], options, allowPositionals: true, strict: true })
  } catch (error) {
    throw usage(command, error instanceof Error ? error.message : '', adviceFor(words, Object.keys(flags)))
  }
}

/** The first flag nobody knows, and the one most like it. */
function adviceFor(words: readonly string[], known: readonly string[]): string | undefined {
  const typed = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2).split('=')[0] ?? '')
  const stranger = typed.find((name) => !known.includes(name))
  const near = stranger === undefined ? undefined : nearestName(stranger, known)
  return near === undefined ? undefined : `Did you mean --${near}?`
}

function checkComplete(
  command: CliCommand,
  values: Readonly<Record<string, unknown>>,
  positionals: readonly string[],
): void {
  const { length } = command.positionals
  const missing = command.positionals[positionals.length]
  if (missing) throw usage(command, `no ${missing.name}: ${missing.description}`)
  if (positionals.length > length) throw usage(command, `"${positionals[length]}", which is one too many`)
  for (const [name, flag] of Object.entries(command.flags)) {
    if (flag.required && values[name] === undefined) throw usage(command, `no --${name}: ${flag.description}`)
  }
  const form = values.output ?? 'text'
  if (form !== 'text' && form !== 'json') throw usage(command, `--output ${String(form)}, which is not text or json`)
}

function usage(command: CliCommand, arrived: string, advice?: string): LatchkeyError {
  return new LatchkeyError('command_unknown', {
    check: command.words,
    wanted: usageLine(command),
    arrived,
    advice: advice ?? `\`latchkey ${command.words} --help\` explains it.`,
  })
}

/** `latchkey organization create ID [flags]`. */
export function usageLine({ words, positionals, flags }: CliCommand): string {
  const required = Object.entries(flags).filter(([, flag]) => flag.required)
  const parts = [...positionals.map(({ name }) => name), ...required.map(([name, { value }]) => `--${name} ${value}`)]
  return ['latchkey', words, ...parts, '[flags]'].join(' ')
}

function settingsOf(values: Given['flags'], names: readonly string[]): Arguments['settings'] {
  const given = names.flatMap((name): [string, string | readonly string[]][] => {
    const value = values[name]
    if (typeof value === 'string') return [[name, value]]
    return Array.isArray(value) ? [[name, value.map(String)]] : []
  })
  return Object.fromEntries(given)
}
