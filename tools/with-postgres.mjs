// Runs a command with a throw-away PostgreSQL server in TEST_DATABASE_URL (or the one that stands there already):
// `node tools/with-postgres.mjs node --test dist/test/store/conformance.test.js`. Needs a build.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Starts what tests of the storage need, runs the command with it, and clears up whatever happens. Gives the command's
 * exit code. `binDirectory`: programs of another PostgreSQL than the one from npm. `durable`: commits reach the disk.
 */
export async function withPostgres([command, ...parameters], { binDirectory, durable } = {}) {
  const { startPostgres } = await import('../dist/test/support/postgres-server.js')
  const { createTemplate } = await import('../dist/test/support/databases.js')
  const given = binDirectory === undefined ? process.env.TEST_DATABASE_URL : undefined
  let server
  let template
  try {
    const [started, made] = await Promise.allSettled([
      given ? undefined : startPostgres({ binDirectory, durable }),
      createTemplate(),
    ])
    server = started.value
    template = made.value
    for (const outcome of [started, made]) if (outcome.status === 'rejected') throw outcome.reason
    return await run(command, parameters, { TEST_DATABASE_URL: given ?? server.url, TEST_DATABASE_TEMPLATE: template })
  } finally {
    await server?.stop()
    if (template !== undefined) rmSync(dirname(template), { recursive: true, force: true })
  }
}

/** Runs to the end even when interrupted: the signal goes to the command, and then there is something to clear up. */
async function run(command, parameters, environment) {
  const child = spawn(command, parameters, { stdio: 'inherit', env: { ...process.env, ...environment } })
  const pass = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  for (const signal of signals) process.on(signal, pass)
  const [code] = await once(child, 'exit')
  for (const signal of signals) process.off(signal, pass)
  return code ?? 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await withPostgres(process.argv.slice(2))
}
