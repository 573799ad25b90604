import type { CliCommand, CliFlag } from './cli-command.ts'
import { exitCodes } from './exit-code.ts'
import { commonFlags, settingFlags, usageLine } from './parse-arguments.ts'

/** The list of commands, or of those that begin with a noun. */
export function overviewText(commands: readonly CliCommand[]): string {
  const width = Math.max(...commands.map(({ words }) => words.length))
  return [
    'latchkey NOUN VERB [flags]',
    '',
    'The service-provider side of SAML 2.0 single sign-on: verify the assertion, open the account, let the person in.',
    '',
    ...commands.map(({ words, summary }) => `  ${words.padEnd(width)}  ${summary}`),
    '',
    '`latchkey NOUN VERB --help` explains one. Settings come from flags, LATCHKEY_… variables, then latchkey.yaml.',
    '',
    exitCodeText,
  ].join('\n')
}

const exitCodeText = [
  'Exit codes:',
  ...Object.entries(exitCodes).map(([code, meaning]) => `  ${code}  ${meaning}`),
].join('\n')

export function commandHelpText(command: CliCommand): string {
  const settings = settingFlags(command.settings)
  return [
    usageLine(command),
    command.summary,
    section(
      'Arguments',
      command.positionals.map(({ name, description }) => [name, description]),
    ),
    section('Flags', Object.entries({ ...command.flags, ...commonFlags }).map(flagLine)),
    section('Settings (docs/configuration.md)', Object.entries(settings).map(flagLine)),
    ['Examples:', ...command.examples.map((example) => `  ${example}`)].join('\n'),
    exitCodeText,
  ]
    .filter((part) => part !== '')
    .join('\n\n')
}

function flagLine([name, { short, value, description, multiple }]: [string, CliFlag]): readonly [string, string] {
  const written = [...(short ? [`-${short}`] : []), `--${name}`].join(', ')
  return [value ? `${written} ${value}` : written, multiple ? `${description} May be repeated.` : description]
}

function section(title: string, rows: readonly (readonly [string, string])[]): string {
  if (rows.length === 0) return ''
  const width = Math.max(...rows.map(([name]) => name.length))
  return [`${title}:`, ...rows.map(([name, description]) => `  ${name.padEnd(width)}  ${description}`)].join('\n')
}
