import { readFileSync } from 'node:fs'
import { LatchkeyError } from '../errors.ts'

/** The text of a file, or of standard input for `-`. Throws `input_invalid`. */
export function readInput(path: string): string {
  try {
    return readFileSync(path === '-' ? 0 : path, 'utf8')
  } catch (cause) {
    const arrived = cause instanceof Error && 'code' in cause ? String(cause.code) : 'an error'
    throw new LatchkeyError(
      'input_invalid',
      { check: 'file', wanted: 'a file that can be read', arrived, at: path },
      { cause },
    )
  }
}
