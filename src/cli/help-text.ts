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

/** `docs/commands.md`: every command with its arguments, flags and examples. `npm run docs` writes it. */
export function commandsDocument(commands: readonly CliCommand[]): string {
  return `${[
    '# Commands',
    '<!-- Generated from src/cli/commands by `npm run docs`. -->',
    'Every command takes the settings it needs as flags, too: `docs/configuration.md`.',
    `\`\`\`\n${exitCodeText}\n\`\`\``,
    ...commands.map(
      (command) => `## ${command.words}\n\n${command.summary}\n\n\`\`\`\n${ownHelp(command).join('\n\n')}\n\`\`\``,
    ),
  ].join('\n\n')}\n`
}

const exitCodeText = [
  'Exit codes:',
  ...Object.entries(exitCodes).map(([code, meaning]) => `  ${code}  ${meaning}`),
].join('\n')

export function commandHelpText(command: CliCommand): string {
  const settings = section(
    'Settings (docs/configuration.md)',
    Object.entries(settingFlags(command.settings)).map(flagLine),
  )
  return [command.summary, ...ownHelp(command), ...(settings === '' ? [] : [settings]), exitCodeText].join('\n\n')
}

/** What is this command's own, in parts. */
function ownHelp(command: CliCommand): readonly string[] {
  const parts = [
    usageLine(command),
    section(
      'Arguments',
      command.positionals.map(({ name, description }) => [name, description]),
    ),
    section('Flags', Object.entries({ ...command.flags, ...commonFlags }).map(flagLine)),
    ['Examples:', ...command.examples.map((example) => `  ${example}`)].join('\n'),
  ]
  return parts.filter((part) => part !== '')
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
