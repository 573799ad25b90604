import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
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

/** Above this, a file of metadata is named and not sent: whoever has the data open reads it piece by piece. */
const maxSentBytes = 1024 * 1024

/** Metadata in a file, as commands take it: its text, or where it stands. Throws `input_invalid`. */
export function metadataInFile(
  path: string,
  read: (path: string) => string,
): { readonly text: string } | { readonly file: string } {
  const bytes = path === '-' ? 0 : (statSync(path, { throwIfNoEntry: false })?.size ?? 0)
  return bytes > maxSentBytes ? { file: resolve(path) } : { text: read(path) }
}
