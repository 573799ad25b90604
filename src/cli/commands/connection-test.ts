import { type CliCommand, positional } from '../cli-command.ts'
import { printable } from '../text-table.ts'

const marks = { ok: 'ok     ', warning: 'warning', problem: 'PROBLEM' } as const

export const connectionTest: CliCommand = {
  words: 'connection test',
  summary: 'Looks for everything that would refuse a sign-in over a connection; exit code 1 when there is something.',
  positionals: [{ name: 'ID', description: 'The connection.' }],
  flags: {
    live: {
      type: 'boolean',
      description: 'Prints an address under which somebody may try the sign-in once; it writes nothing.',
    },
  },
  settings: 'storage',
  examples: ['latchkey connection test company-a', 'latchkey connection test company-a --live'],
  run: async (given, { administer }) => {
    if (given.flags.live === true) {
      const result = await administer('connection.invite', { id: positional(given, 0) })
      return {
        result,
        text: `${result.address}\nFor one browser, once, until ${result.expiresAt}. Whoever signs in there sees what it would do.`,
      }
    }
    const result = await administer('connection.test', { id: positional(given, 0) })
    const lines = result.findings.map(({ level, check, message }) => `${marks[level]}  ${check}: ${printable(message)}`)
    const summary = result.problems === 0 ? 'No problem was found.' : `Problems: ${result.problems}`
    return { result, text: [...lines, summary].join('\n'), exitCode: result.problems === 0 ? 0 : 1 }
  },
}
