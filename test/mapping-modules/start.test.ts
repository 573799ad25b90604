import assert from 'node:assert/strict'
import { test } from 'node:test'
import { freezeSettings } from '../../src/config/settings.ts'
import type { LatchkeyError } from '../../src/errors.ts'
import { serve } from '../../src/server/serve.ts'
import { createTestDatabase } from '../support/databases.ts'
import { freePort } from '../support/free-port.ts'
import { writeModules } from './module-files.ts'

test('a server does not start with a mapping module that cannot be loaded, and says which', async (t) => {
  const database = await createTestDatabase('embedded')
  t.after(database.remove)
  const [good] = writeModules(t, { good: 'export default () => ({})' })
  const mappingModules = [...(good ? [good] : []), { name: 'gone', path: '/nowhere/gone.js' }]
  const port = await freePort()
  const settings = {
    ...freezeSettings({ listenPort: port, logLevel: 'silent', mappingModules }),
    storage: database.settings,
    secret: Buffer.alloc(32, 7),
  }
  await assert.rejects(serve(settings), (error: LatchkeyError) => {
    assert.deepEqual([error.code, error.detail.at], ['configuration_invalid', '/nowhere/gone.js'])
    return true
  })
})
