import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { until } from './until.ts'

/** A program that makes a folder with a file in it, and a process with one below it, and says so. */
const program = `
import { spawn } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { endWithUs, makeTemporaryFolder } from ${JSON.stringify(new URL('./temporary-folder.js', import.meta.url).href)}
const folder = makeTemporaryFolder('with a blank')
writeFileSync(folder + '/file', '')
const child = spawn('sh', ['-c', 'sleep 600 & wait'], { detached: true, stdio: 'ignore' })
endWithUs(-child.pid)
process.stdout.write(JSON.stringify({ folder, group: child.pid }))
setInterval(() => undefined, 1000)
`

function isAlive(group: number): boolean {
  try {
    return process.kill(-group, 0)
  } catch {
    return false
  }
}

for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
  test(`a process ended by ${signal} leaves neither its folders nor its servers`, async () => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [said] = await once(child.stdout, 'data')
    const { folder, group } = JSON.parse(String(said))
    assert.ok(existsSync(`${folder}/file`) && isAlive(group))
    child.kill(signal)
    await until(() => !existsSync(folder) && !isAlive(group))
  })
}
