import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lockDataDirectory } from '../../../src/store/embedded/lock.ts'
import { isHolding, readLockHolder, startOfProcess } from '../../../src/store/embedded/lock-holder.ts'
import { openStorage } from '../../../src/store/open-storage.ts'
import { createTestDatabase } from '../../support/databases.ts'
import { makeTemporaryFolder } from '../../support/temporary-folder.ts'

const quiet = { report: () => undefined }

async function holdInOtherProcess(dataDirectory: string) {
  const child = fork(new URL('./hold-data-directory.js', import.meta.url), [dataDirectory])
  const [answer] = await once(child, 'message')
  return { child, answer }
}

test('a second process on a data directory is refused, with the number of the first', async (t) => {
  const { settings, remove } = await createTestDatabase('embedded')
  t.after(remove)
  assert.equal(settings.kind, 'embedded')
  const storage = await openStorage(settings, quiet)
  const { child, answer } = await holdInOtherProcess(settings.dataDirectory)
  child.kill('SIGKILL')
  assert.equal(answer.code, 'data_directory_locked')
  assert.match(answer.detail.arrived, new RegExp(`process ${process.pid} `))
  await assert.rejects(openStorage(settings, quiet), { code: 'data_directory_locked' })
  await storage.close()
})

test('a data directory is free again after its process was killed, and after a close', async (t) => {
  const { settings, remove } = await createTestDatabase('embedded')
  t.after(remove)
  assert.equal(settings.kind, 'embedded')
  const { child, answer } = await holdInOtherProcess(settings.dataDirectory)
  assert.deepEqual(answer, { opened: true })
  await assert.rejects(openStorage(settings, quiet), { code: 'data_directory_locked' })
  child.kill('SIGKILL')
  await once(child, 'exit')
  const storage = await openStorage(settings, quiet)
  await storage.close()
  assert.equal(existsSync(join(settings.dataDirectory, 'lock.json')), false)
  await (await openStorage(settings, quiet)).close()
})

function directoryHeldBy(holder: object): string {
  const directory = makeTemporaryFolder('lock')
  const complete = {
    pid: 1,
    host: hostname(),
    processStart: '',
    since: '2026-01-01T00:00:00.000Z',
    nonce: 'n',
    ...holder,
  }
  writeFileSync(join(directory, 'lock.json'), JSON.stringify(complete))
  return directory
}

test('a holder on another host counts as long as its heartbeat is fresh', async (t) => {
  const directory = directoryHeldBy({ host: 'elsewhere', pid: 7 })
  t.after(() => rmSync(directory, { recursive: true }))
  await assert.rejects(lockDataDirectory(directory), { code: 'data_directory_locked' })
  assert.equal(readLockHolder(directory)?.host, 'elsewhere')
  const aMinuteAgo = new Date(Date.now() - 60_000)
  utimesSync(join(directory, 'lock.json'), aMinuteAgo, aMinuteAgo)
  const lock = await lockDataDirectory(directory)
  assert.equal(readLockHolder(directory)?.pid, process.pid)
  await lock.release()
})

test('without a lock of the kernel, a holder of this host counts while that very process lives', (t) => {
  const processStart = startOfProcess(process.pid)
  const living = directoryHeldBy({ pid: process.pid, processStart })
  const gone = directoryHeldBy({ pid: process.pid, processStart: 'another time' })
  t.after(() => {
    for (const directory of [living, gone]) rmSync(directory, { recursive: true })
  })
  const holds = (directory: string) => {
    const holder = readLockHolder(directory)
    assert.ok(holder)
    return isHolding(holder, directory, false)
  }
  assert.equal(holds(living), true)
  assert.equal(holds(gone), false)
})

test('a lock file that cannot be read holds nothing', async (t) => {
  const directory = directoryHeldBy({ pid: 'none' })
  t.after(() => rmSync(directory, { recursive: true }))
  assert.equal(readLockHolder(directory), undefined)
  await (await lockDataDirectory(directory)).release()
})
