// The test files and the command that runs them; `test.mjs` and `test-on-node.mjs` choose the Node and the files. Needs a build.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { withPostgres } from './with-postgres.mjs'

const databases = join('dist', 'test', 'support', 'databases.js')

/** Compiled test files whose path contains one of the words, or all; those with a browser are another command. */
function findTests(words) {
  return readdirSync('dist/test', { recursive: true })
    .filter((file) => file.endsWith('.test.js') && !file.startsWith('e2e/'))
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

/**
 * Runs the files that match one of the words, or all, with the given Node and the PostgreSQL programs of the given folder
 * (default: those from npm). Gives the exit code.
 */
export async function runTests({ words, node = process.execPath, binDirectory }) {
  const files = findTests(words)
  if (files.length === 0) {
    console.error(`no test file matches ${words.join(' ')}`)
    return 1
  }
  const options = ['--enable-source-maps', '--test', '--test-reporter=spec', '--test-timeout=300000']
  if (files.some((file) => needsDatabases(file))) {
    return withPostgres([node, ...options, ...files], { binDirectory })
  }
  return spawnSync(node, [...options, ...files], { stdio: 'inherit' }).status ?? 1
}
