import { type ErrorCode, LatchkeyError } from '../errors.ts'

/** What a command's exit code says; `--help` shows it. */
export const exitCodes = {
  0: 'done',
  1: 'refused: the answer is no, and nothing was changed (or `connection test` found a problem)',
  2: 'not understood: the command, its input or the configuration',
  3: 'not possible now: the storage, its lock or the port',
  4: 'a fault of Latchkey itself',
} as const

export type ExitCode = keyof typeof exitCodes

const notUnderstood: readonly ErrorCode[] = ['command_unknown', 'input_invalid', 'configuration_invalid']
const notPossibleNow: readonly ErrorCode[] = ['data_directory_locked', 'port_in_use', 'secret_wrong']

export function exitCodeOf(error: unknown): ExitCode {
  if (!(error instanceof LatchkeyError) || error.code === 'internal') return 4
  if (notUnderstood.includes(error.code)) return 2
  return notPossibleNow.includes(error.code) || error.code.startsWith('storage_') ? 3 : 1
}
