import {
  closeSync,
  cpSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { LatchkeyError } from '../../errors.ts'

/** Major version of the PostgreSQL inside the installed PGlite: the only one that can read its own directories. */
export const embeddedMajorVersion = '18'

/** Where the embedded database lies inside the data directory. */
export function databaseDirectoryIn(dataDirectory: string): string {
  return join(dataDirectory, 'database')
}

/** Makes the data directory, for its owner's eyes only. */
export function makeDataDirectory(dataDirectory: string): void {
  if (existsSync(dataDirectory)) return
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  syncPath(dirname(dataDirectory))
}

/** Whether others on this machine may look into it. */
export function isOpenToOthers(dataDirectory: string): boolean {
  return process.platform !== 'win32' && (statSync(dataDirectory).mode & 0o077) !== 0
}

/**
 * Creates the database aside, brings all of it to the disk and only then gives it its name, so that a database that has
 * its name is whole. Does nothing when it exists. Throws `storage_version_unsupported`.
 */
export async function ensureDatabase(
  databaseDirectory: string,
  create: (directory: string) => Promise<void>,
): Promise<'created' | 'found'> {
  if (existsSync(databaseDirectory)) {
    checkVersion(databaseDirectory)
    return 'found'
  }
  const aside = `${databaseDirectory}.new`
  rmSync(aside, { recursive: true, force: true }) // left by a creation that was interrupted
  mkdirSync(aside, { mode: 0o700 })
  await create(aside)
  syncTree(aside)
  renameSync(aside, databaseDirectory)
  syncPath(dirname(databaseDirectory))
  return 'created'
}

/** A way to create: the content of a database that was made before and closed. */
export function copyOf(template: string): (directory: string) => Promise<void> {
  return async (directory) => cpSync(template, directory, { recursive: true })
}

function checkVersion(databaseDirectory: string): void {
  const versionFile = join(databaseDirectory, 'PG_VERSION')
  const version = existsSync(versionFile) ? readFileSync(versionFile, 'utf8').trim() : 'none'
  if (version === embeddedMajorVersion) return
  throw new LatchkeyError('storage_version_unsupported', {
    check: 'PG_VERSION',
    wanted: embeddedMajorVersion,
    arrived: version,
    at: versionFile,
    advice:
      'Start the version of Latchkey that wrote this directory, move its content to a PostgreSQL server with ' +
      '`latchkey migrate --to URL`, and let this version use that server.',
  })
}

function syncTree(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name)
    if (entry.isDirectory()) syncTree(path)
    else if (entry.isFile()) syncPath(path)
  }
  syncPath(directory)
}

function syncPath(path: string): void {
  // Windows can sync neither a directory nor a file opened for reading.
  if (process.platform === 'win32') return
  const descriptor = openSync(path, 'r')
  try {
    fsyncSync(descriptor)
  } finally {
    closeSync(descriptor)
  }
}
