// `npm test`: builds, then runs every test on the embedded database and on a PostgreSQL server that it brings itself
// (or the one in TEST_DATABASE_URL). Arguments choose files: `npm test -- saml`.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { build } from './build.mjs'
import { withPostgres } from './with-postgres.mjs'

const databases = join('dist', 'test', 'support', 'databases.js')

/** Compiled test files whose path contains one of the words, or all; browsers and foreign servers are other commands. */
function findTests(words) {
  return readdirSync('dist/test', { recursive: true })
    .filter((file) => file.endsWith('.test.js') && !file.startsWith('e2e/') && !file.startsWith('interop/'))
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .map((file) => join('dist', 'test', file))
    .sort()
}

/** Whether a file, or one that it imports, opens databases. */
function needsDatabases(file, seen = new Set()) {
  if (file === databases) return true
  if (seen.has(file)) return false
  seen.add(file)
  const imports = readFileSync(file, 'utf8').matchAll(/(?:from|import)\s*\(?\s*['"](\.[^'"]+\.js)['"]/g)
  return [...imports].some(([, target]) => needsDatabases(join(dirname(file), target), seen))
}

build()
const files = findTests(process.argv.slice(2))
if (files.length === 0) {
  console.error(`no test file matches ${process.argv.slice(2).join(' ')}`)
  process.exit(1)
}
const command = [
  process.execPath,
  '--enable-source-maps',
  '--test',
  '--test-reporter=spec',
  '--test-timeout=300000',
  ...files,
]
if (files.some((file) => needsDatabases(file))) process.exitCode = await withPostgres(command)
else process.exitCode = spawnSync(command[0], command.slice(1), { stdio: 'inherit' }).status ?? 1
