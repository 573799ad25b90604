import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { test } from 'node:test'
import { createTestDatabase } from '../support/databases.ts'
import { commandLine } from './command-line.ts'

test('demand 19: local administrators are made, shown and removed on the command line; the last one stays', async (t) => {
  const { settings, remove } = await createTestDatabase('served')
  t.after(remove)
  assert.ok(settings.kind === 'postgres')
  const environment = {
    DATABASE_URL: settings.url,
    LATCHKEY_PUBLIC_URL: 'https://login.example',
    LATCHKEY_SECRET: Buffer.alloc(32, 3).toString('base64'),
  }
  const run = (...words: string[]) => commandLine(words, { cwd: tmpdir(), environment })

  await run('organization', 'create', 'company-a')
  assert.match((await run('break-glass', 'list')).out, /There is no local administrator: while no connection works/)
  const made = await run('break-glass', 'create', 'vault-1', '--minutes', '5')
  assert.equal(made.code, 0, made.error)
  assert.equal(made.out.match(/^ {2}\d {2}(?:[0-9A-Z]{6}-){3}[0-9A-Z]{6}$/gm)?.length, 8)
  assert.match(made.out, /never again/)
  assert.match(made.out, /https:\/\/login\.example\/break-glass\/enrol\?link=[\w-]{43}/)
  const listed = await run('break-glass', 'list')
  assert.match(listed.out, /vault-1 +active +8 of 8 +0 +never/)
  const shown = await run('break-glass', 'show', 'VAULT-1')
  assert.match(shown.out, /^8 +\S+Z +not used$/m)
  assert.match(shown.out, /No passkeys\./)
  const codes = await run('break-glass', 'codes', 'vault-1', '-o', 'json')
  assert.equal(JSON.parse(codes.out).codes.length, 8)

  for (const [words, code] of [
    [['break-glass', 'remove', 'vault-1'], 'last_administrator'],
    [['account', 'suspend', 'vault-1'], 'last_administrator'],
    [['break-glass', 'create', 'Vault-1'], 'account_conflict'],
    [['break-glass', 'create', 'vault-3', '--role', 'nothing'], 'role_not_found'],
    [['break-glass', 'show', 'nobody'], 'account_not_local'],
    [['break-glass', 'remove-passkey', 'vault-1', '00000000'], 'passkey_not_found'],
    [['break-glass', 'enrol', 'vault-1', '--minutes', 'soon'], 'input_invalid'],
    [['break-glass', 'enrol', 'vault-1', '--minutes', '0'], 'input_invalid'],
  ] as const) {
    const { error } = await run(...words, '-o', 'json')
    assert.equal(JSON.parse(error).error.code, code, words.join(' '))
  }
  assert.match((await run('break-glass', 'enrol', 'vault-1')).out, /To register a passkey, once, until/)
  await run('break-glass', 'create', 'vault-2')
  assert.equal((await run('break-glass', 'remove', 'vault-1')).out, 'Removed vault-1.\n')
})
