// `npm run interop`: signs in and out with identity providers that we did not write, and prints a table. Installs Debian's
// SimpleSAMLphp and LemonLDAP::NG where they are missing; `samlp` comes from npm. `npm run interop -- lemon logout` tries less.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { build, run } from './build.mjs'

/** Packages, and the files by which they are known to be there. */
const packages = {
  simplesamlphp: '/usr/share/simplesamlphp/www/index.php',
  'php-cli': '/usr/bin/php',
  'php-xml': undefined,
  'php-mbstring': undefined,
  'php-curl': undefined,
  'php-sqlite3': '/usr/share/doc/php-sqlite3',
  // Both products want some web server to be there, with PHP. Neither is used; without these two Debian brings Apache.
  'nginx-light': undefined,
  'php-fpm': undefined,
  'liblemonldap-ng-portal-perl': '/usr/share/perl5/Lemonldap/NG/Portal/Main.pm',
  'liblasso-perl': '/usr/share/doc/liblasso-perl',
  'libxml-simple-perl': '/usr/share/perl5/XML/Simple.pm',
  'libio-string-perl': '/usr/share/perl5/IO/String.pm',
  'libplack-perl': '/usr/bin/plackup',
}

function install() {
  if (!existsSync('/usr/bin/apt-get') || process.getuid?.() !== 0) {
    console.error(`npm run interop needs packages. On Debian: sudo apt-get install ${Object.keys(packages).join(' ')}`)
    process.exit(1)
  }
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-q'], { env: environment })
  run('apt-get', ['install', '-y', '-q', '--no-install-recommends', ...Object.keys(packages)], { env: environment })
}

if (Object.values(packages).some((file) => file !== undefined && !existsSync(file))) install()
build()
const { endWithUs } = await import('../dist/test/support/temporary-folder.js')
const main = ['--enable-source-maps', 'dist/test/interop/main.js', ...process.argv.slice(2)]
const child = spawn(process.execPath, main, { stdio: 'inherit' })
child.on('exit', endWithUs(child.pid))
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('exit', (code) => process.exit(code ?? 1))
