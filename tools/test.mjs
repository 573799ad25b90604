// `npm test`: builds, then runs every test; arguments choose files: `npm test -- saml`.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { build } from './build.mjs'

build()
const wanted = process.argv.slice(2)
const files = readdirSync('dist/test', { recursive: true })
  .filter((file) => file.endsWith('.test.js') && !file.startsWith('e2e/') && !file.startsWith('interop/'))
  .filter((file) => wanted.length === 0 || wanted.some((part) => file.includes(part)))
  .map((file) => `dist/test/${file}`)
const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files.sort()], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
