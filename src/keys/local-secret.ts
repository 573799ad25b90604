import { closeSync, fsyncSync, linkSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { LatchkeyError } from '../errors.ts'

/** The file beside an embedded database that holds the installation's secret, base64, readable by its owner only. */
export const localSecretFile = 'secret.key'

/**
 * The secret that seals private keys of an installation that was given none: made at the first start and kept in the data
 * directory. A backup of the database alone is then of no use to a thief; a backup of the whole directory is.
 *
 * Throws `configuration_invalid` when the file does not hold 32 bytes.
 */
export function localSecret(dataDirectory: string, randomBytes: (length: number) => Buffer): Buffer {
  const path = join(dataDirectory, localSecretFile)
  const known = readSecret(path)
  if (known !== undefined) return known
  writeOnce(path, randomBytes(32).toString('base64'))
  const written = readSecret(path)
  if (written === undefined) throw new LatchkeyError('configuration_invalid', { check: 'secret', at: path })
  return written
}

function readSecret(path: string): Buffer | undefined {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new LatchkeyError(
      'configuration_invalid',
      { check: 'secret', wanted: 'a readable file', at: path },
      { cause: error },
    )
  }
  const secret = Buffer.from(text.trim(), 'base64')
  if (secret.length === 32) return secret
  throw new LatchkeyError('configuration_invalid', {
    check: 'secret',
    wanted: '32 bytes, base64',
    arrived: `${secret.length} bytes`,
    at: path,
    advice: 'Restore the file from a backup: without it the private keys in the database cannot be opened.',
  })
}

/** All of it or nothing, whatever happens meanwhile: written and synced under another name, then linked. */
function writeOnce(path: string, text: string): void {
  const draft = `${path}.${process.pid}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${text}\n`)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
  try {
    linkSync(draft, path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  } finally {
    unlinkSync(draft)
  }
}
