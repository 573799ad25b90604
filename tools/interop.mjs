// `npm run interop`: signs in through identity providers we did not write. Installs Debian's SimpleSAMLphp when it is missing.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { build, run } from './build.mjs'

const packages = [
  'simplesamlphp',
  'php-cli',
  'php-xml',
  'php-mbstring',
  'php-curl',
  'php-fpm',
  'nginx-light',
  'openssl',
]

if (!existsSync('/usr/share/simplesamlphp/www') || !existsSync('/usr/bin/php')) {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    console.error('npm run interop needs SimpleSAMLphp. On Debian: sudo apt-get install simplesamlphp php-cli php-xml')
    process.exit(1)
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-q'], { env: environment })
  run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], { env: environment })
}

build()
const files = readdirSync('dist/test/interop')
  .filter((file) => file.endsWith('.test.js'))
  .map((file) => `dist/test/interop/${file}`)
const { status } = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files.sort()], {
  stdio: 'inherit',
})
process.exit(status ?? 1)
