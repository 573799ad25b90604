import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeTemporaryFolder, removeTemporaryFolder } from '../support/temporary-folder.ts'
import { commandLine } from './command-line.ts'

test('a token is made, listed without itself, and revoked', async (t) => {
  const cwd = makeTemporaryFolder('token')
  t.after(() => removeTemporaryFolder(cwd))
  const latchkey = (...words: string[]) => commandLine(words, { cwd })
  await latchkey('organization', 'create', 'company-a')
  const made = await latchkey(
    'token',
    'create',
    '--name',
    'reports',
    '--organization',
    'company-a',
    '--expires-days',
    '7',
  )
  assert.equal(made.code, 0, made.error)
  assert.match(made.error, /The API is off in the settings read here/)
  const [token = ''] = /latchkey_[A-Za-z0-9_-]{43}(?=\s)/.exec(made.out) ?? []
  assert.ok(token)
  assert.match(made.out, /^scope +read$/m)
  const listed = await latchkey('token', 'list')
  assert.match(listed.out, /^reports +read +company-a +active +\S+ +never$/m)
  assert.doesNotMatch(listed.out, /latchkey_/)
  const again = await latchkey('token', 'create', '--name', 'reports', '--scope', 'write')
  assert.match(again.error, /\(api_token_exists\)/)
  assert.match((await latchkey('token', 'create', '--name', 'x', '--scope', 'admin')).error, /wanted +read or write/)
  assert.match(
    (await latchkey('token', 'create', '--name', 'x', '--organization', 'nobody')).error,
    /organization_not_found/,
  )
  assert.equal((await latchkey('token', 'revoke', 'reports')).out.trim(), 'Revoked reports.')
  assert.match((await latchkey('token', 'revoke', 'reports')).error, /\(api_token_not_found\)/)
  assert.equal((await latchkey('token', 'list')).out.trim(), 'There is no token.')
})
