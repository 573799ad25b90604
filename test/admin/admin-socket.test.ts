import assert from 'node:assert/strict'
import { rmSync, statSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { adminSocketPath, startAdminSocket } from '../../src/admin/admin-socket.ts'
import { callCommand, isAnswering } from '../../src/cli/admin-client.ts'
import { openTestDatabase } from '../support/databases.ts'
import { makeTemporaryFolder } from '../support/temporary-folder.ts'
import { furnish, openOffice } from './office.ts'

test('the socket answers commands, refuses with their codes, and tells when something was written', async (t) => {
  const office = await openOffice(await openTestDatabase('embedded', t))
  await furnish(office)
  const directory = makeTemporaryFolder('socket')
  t.after(() => rmSync(directory, { recursive: true }))
  const path = adminSocketPath(directory)
  assert.equal(await isAnswering(path), false)
  writeFileSync(path, 'left behind by a process that was killed')
  let written = 0
  const onWritten = async () => {
    written += 1
  }
  const socket = await startAdminSocket({ path, deps: office.deps, onWritten })
  assert.equal(statSync(path).mode & 0o777, 0o600)
  assert.equal(await isAnswering(path), true)
  assert.deepEqual(await callCommand(path, 'role.list', {}), await office.run('role.list', {}))
  assert.equal(written, 0)
  await callCommand(path, 'role.create', { name: 'auditor' })
  assert.equal(written, 1)
  const before = await office.contents()
  await assert.rejects(callCommand(path, 'role.create', { name: 'auditor' }), { code: 'role_exists' })
  await assert.rejects(callCommand(path, 'role.create', { name: 'A' }), { code: 'input_invalid' })
  await assert.rejects(callCommand(path, 'role.destroy', {}), { code: 'command_unknown' })
  await assert.rejects(callCommand(path, '../x', {}), { code: 'command_unknown' })
  await assert.rejects(callCommand(path, 'role.list', undefined), { code: 'request_invalid' })
  assert.deepEqual([await office.contents(), written], [before, 1])
  await socket.close()
  assert.equal(await isAnswering(path), false)
  await assert.rejects(callCommand(path, 'role.list', {}), { code: 'storage_unavailable' })
})

test('adminSocketPath() refuses a path that no socket can have', () => {
  assert.throws(() => adminSocketPath(`/${'x'.repeat(200)}`), { code: 'configuration_invalid' })
})
