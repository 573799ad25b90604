// `npm run fuzz`: differential fuzzing against libxml2 and xmlsec1. Installs Debian's xmlsec1 when it is missing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { build, run } from './build.mjs'

if (!existsSync('/usr/bin/xmlsec1') && spawnSync('xmlsec1', ['--version']).error !== undefined) {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    console.error('npm run fuzz needs xmlsec1. On Debian: sudo apt-get install xmlsec1')
    process.exit(1)
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-q'], { env: environment })
  run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'xmlsec1'], { env: environment })
}

build()
const program = ['--enable-source-maps', 'dist/test/fuzz/main.js', ...process.argv.slice(2)]
process.exit(spawnSync(process.execPath, program, { stdio: 'inherit' }).status ?? 1)
