import type { CommandInput, CommandName, CommandResult } from '../admin/commands.ts'
import type { Settings } from '../config/settings.ts'

/** One command of the command line, described so that parsing and help need nothing else. */
export interface CliCommand {
  /** Noun and verb as they are typed: `organization create`. */
  readonly words: string
  /** One sentence for the list of commands. */
  readonly summary: string
  readonly positionals: readonly CliPositional[]
  readonly flags: Readonly<Record<string, CliFlag>>
  /** Which flags of `config/setting-table.ts` it takes besides. */
  readonly settings: 'none' | 'storage' | 'serve'
  readonly examples: readonly string[]
  readonly run: (given: Given, context: CliContext) => Promise<Outcome>
}

export interface CliPositional {
  /** In capitals, as help shows it. */
  readonly name: string
  readonly description: string
}

export interface CliFlag {
  readonly type: 'string' | 'boolean'
  readonly short?: string
  readonly multiple?: true
  /** In capitals, as help shows it. */
  readonly value?: string
  readonly required?: true
  readonly description: string
}

/** What was typed, already checked against the description. */
export interface Given {
  readonly positionals: readonly string[]
  readonly flags: Readonly<Record<string, string | boolean | readonly (string | boolean)[] | undefined>>
}

/** What a command may use. */
export interface CliContext {
  readonly settings: Settings
  /** Reaches the data directly or through the server that has it open. */
  readonly administer: <N extends CommandName>(name: N, input: CommandInput<N>) => Promise<CommandResult<N>>
  readonly readInput: (path: string) => string
  /** A line beside the result, on standard error. */
  readonly print: (line: string) => void
  /** A line before the result, on standard output, for commands that run long. */
  readonly say: (line: string) => void
}

export interface Outcome {
  /** For `-o json`. */
  readonly result: unknown
  /** For people. */
  readonly text: string
  /** Default 0. */
  readonly exitCode?: number
}

/** The argument at this place. The parser has seen to it that there is one. */
export function positional(given: Given, index: number): string {
  return given.positionals[index] ?? ''
}

export function textFlag(given: Given, name: string): string | undefined {
  const value = given.flags[name]
  return typeof value === 'string' ? value : undefined
}

export function textFlags(given: Given, name: string): readonly string[] {
  const value = given.flags[name]
  return Array.isArray(value) ? value.filter((part) => typeof part === 'string') : []
}

/** `{ key: text }` when the flag was given, else nothing: for inputs whose keys may be absent but never undefined. */
export function optional<K extends string>(key: K, value: string | undefined): { readonly [P in K]?: string } {
  return value === undefined ? {} : ({ [key]: value } as { readonly [P in K]: string })
}
