// `npm run e2e`: builds, finds or installs Debian's Chromium, runs the tests in a real browser.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { build, run } from './build.mjs'

const browser = '/usr/bin/chromium'

if (!existsSync(browser)) {
  const isRoot = process.getuid?.() === 0
  if (!existsSync('/usr/bin/apt-get') || !isRoot) {
    console.error(`npm run e2e needs Chromium at ${browser}. On Debian: sudo apt-get install chromium`)
    process.exit(1)
  }
  run('apt-get', ['update', '-q'])
  run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'chromium'])
}

build()
const wanted = process.argv.slice(2)
const files = readdirSync('dist/test/e2e')
  .filter((file) => file.endsWith('.test.js'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => `dist/test/e2e/${file}`)
// The browser's profiles lie in a folder that goes when this process does, however it ends.
const { endWithUs, makeTemporaryFolder } = await import('../dist/test/support/temporary-folder.js')
const child = spawn(process.execPath, ['--enable-source-maps', '--test', ...files.sort()], {
  stdio: 'inherit',
  env: { ...process.env, TMPDIR: makeTemporaryFolder('e2e') },
})
child.on('exit', endWithUs(child.pid))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => process.exit(code ?? 1))
