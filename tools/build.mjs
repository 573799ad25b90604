// Installs what is missing, then compiles TypeScript into dist/. Needs nothing but Node and npm.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Runs a command in the project's folder with its output shown; ends this process when it fails. */
export function run(command, args, options = {}) {
  const { status, signal } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options })
  if (status !== 0) process.exit(status ?? (signal ? 1 : 2))
}

/** Names and versions in a lock file, the root and what is not for this platform left out. */
function lockedVersions(path, installed) {
  const { packages } = JSON.parse(readFileSync(`${root}/${path}`, 'utf8'))
  return Object.entries(packages).filter(([name]) => name !== '' && (installed === undefined || name in installed))
}

function isInstalled() {
  if (!existsSync(`${root}/node_modules/.package-lock.json`)) return false
  const installed = Object.fromEntries(lockedVersions('node_modules/.package-lock.json'))
  return lockedVersions('package-lock.json').every(
    ([name, wanted]) => installed[name]?.version === wanted.version || (wanted.optional && !(name in installed)),
  )
}

export function installWhatIsMissing() {
  if (!isInstalled()) run('npm', ['ci', '--no-audit', '--no-fund'], { shell: process.platform === 'win32' })
}

export function build() {
  installWhatIsMissing()
  rmSync(`${root}/dist`, { recursive: true, force: true })
  run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json'])
}

if (process.argv[1] === fileURLToPath(import.meta.url)) build()
