// Runs a command with a throw-away PostgreSQL server in TEST_DATABASE_URL (or the one that stands there already):
// `node tools/with-postgres.mjs node --test dist/test/store/conformance.test.js`. Needs a build.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Starts what tests of the storage need, runs the command with it, and clears up whatever happens: after a failure and
 * after an interruption, too. Gives the command's exit code. `binDirectory`: programs of another PostgreSQL than the one
 * from npm. `durable`: commits reach the disk.
 */
export async function withPostgres(command, { binDirectory, durable } = {}) {
  const { startPostgres } = await import('../dist/test/support/postgres-server.js')
  const { createTemplate } = await import('../dist/test/support/databases.js')
  const given = binDirectory === undefined ? process.env.TEST_DATABASE_URL : undefined
  const interruption = watchForInterruption()
  const outcomes = await Promise.allSettled([
    given ? undefined : startPostgres({ binDirectory, durable }),
    createTemplate(),
  ])
  const [server, template] = outcomes.map(({ value }) => value)
  try {
    for (const { reason } of outcomes) if (reason !== undefined) throw reason
    return await run(command, interruption, {
      TEST_DATABASE_URL: given ?? server.url,
      TEST_DATABASE_TEMPLATE: template,
      ...(binDirectory && { TEST_POSTGRES_PROGRAMS: binDirectory }),
    })
  } finally {
    await server?.stop()
    if (template !== undefined) rmSync(dirname(template), { recursive: true, force: true })
    interruption.end()
  }
}

/** From here on a signal does not end this process, which has something to clear up, but the command. */
function watchForInterruption() {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  const controller = new AbortController()
  const interrupt = (signal) => controller.abort(signal)
  for (const signal of signals) process.on(signal, interrupt)
  return {
    signal: controller.signal,
    end() {
      for (const signal of signals) process.off(signal, interrupt)
    },
  }
}

async function run([command, ...parameters], { signal }, environment) {
  if (signal.aborted) return 130
  const child = spawn(command, parameters, { stdio: 'inherit', env: { ...process.env, ...environment } })
  signal.addEventListener('abort', () => child.kill(signal.reason))
  const [code] = await once(child, 'exit')
  return code ?? 130
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await withPostgres(process.argv.slice(2))
}
