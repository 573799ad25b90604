// Runs the tests of the storage and of signing in against the PostgreSQL that Debian ships (or words that choose other
// files): `node tools/test-debian-postgres.mjs`. Installs the package where it is missing, which needs root.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { build } from './build.mjs'
import { runTests } from './run-tests.mjs'

const packageName = 'postgresql-15'
const installations = '/usr/lib/postgresql'

function findPrograms() {
  const versions = existsSync(installations) ? readdirSync(installations) : []
  const folders = versions.sort((a, b) => Number(a) - Number(b)).map((version) => join(installations, version, 'bin'))
  return folders.find((folder) => existsSync(join(folder, 'initdb')))
}

function install() {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const run = (...parameters) => spawnSync('apt-get', parameters, { stdio: 'inherit', env: environment })
  run('update', '-qq')
  run('install', '-qq', '-y', '--no-install-recommends', packageName)
}

if (!findPrograms()) install()
const binDirectory = findPrograms()
if (!binDirectory) {
  console.error(`There is no PostgreSQL in ${installations}, and ${packageName} could not be installed.`)
  process.exit(1)
}
build()
console.log(`PostgreSQL of ${binDirectory}`)
const words = process.argv.slice(2)
process.exitCode = await runTests({ words: words.length > 0 ? words : ['store/', 'sign-in'], binDirectory })
