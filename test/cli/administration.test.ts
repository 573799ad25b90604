import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { metadataOf } from '../admin/office.ts'
import { createTestDatabase } from '../support/databases.ts'
import { commandLine, startCommandLine } from './command-line.ts'

const declaration = `
organizations:
  company-a:
    name: Company A
    roles:
      editor: { description: Edits. }
    connections:
      company-a:
        metadata: { file: company-a.xml }
        settings: { grantableRoles: [editor] }
applications:
  benefits:
    origin: https://benefits.example
    upstream: http://127.0.0.1:9
    connections: [company-a]
`

test('the command line administers an embedded database that nobody has open', async (t) => {
  const { settings, remove } = await createTestDatabase('embedded')
  t.after(remove)
  assert.ok(settings.kind === 'embedded')
  const cwd = settings.dataDirectory
  writeFileSync(join(cwd, 'company-a.xml'), metadataOf('https://idp.example'))
  writeFileSync(join(cwd, 'declaration.yaml'), declaration)
  writeFileSync(join(cwd, 'latchkey.yaml'), `dataDirectory: ${cwd}\npublicUrl: https://login.example\n`)
  const run = (...words: string[]) => commandLine(words, { cwd })

  const dry = await run('apply', '-f', 'declaration.yaml', '--dry-run')
  assert.deepEqual([dry.code, dry.error], [0, ''])
  const lines = ['organization company-a', 'role company-a/editor', 'connection company-a', 'application benefits']
  const planned = lines.map((line) => `+ ${line}`).join('\n')
  assert.equal(dry.out, `${planned}\nNothing was written (--dry-run).\n`)
  assert.equal((await run('apply', '-f', 'declaration.yaml')).out, `${planned}\nWritten: 4.\n`)
  const exported = await run('export')
  writeFileSync(join(cwd, 'exported.yaml'), exported.out)
  assert.equal((await run('apply', '-f', 'exported.yaml')).out, 'Nothing to change: everything is as declared.\n')

  const set = await run('connection', 'set', 'company-a', '--set', 'clockSkewSeconds=5')
  assert.equal(set.out, '~ connection company-a\n    settings.clockSkewSeconds: 60 → 5\n')
  const shown = await run('connection', 'show', 'company-a')
  assert.match(shown.out, /ACS URL \(reply address\) +https:\/\/login\.example\/sso\/company-a\/acs/)
  assert.match(shown.out, /clockSkewSeconds +5/)
  const refused = await run('account', 'suspend', 'nobody', '-o', 'json')
  assert.deepEqual([refused.code, refused.out], [1, ''])
  assert.equal(JSON.parse(refused.error).error.code, 'account_not_found')
})

test('while a server has the database open, commands are handed to it and count at once', async (t) => {
  const { settings, remove } = await createTestDatabase('embedded')
  t.after(remove)
  assert.ok(settings.kind === 'embedded')
  const cwd = settings.dataDirectory
  const environment = { LATCHKEY_DATA_DIRECTORY: cwd, LATCHKEY_PUBLIC_URL: 'https://login.example' }
  const server = startCommandLine(['serve', '--listen-port', '0', '--drain-seconds', '1'], { cwd, environment })
  t.after(() => server.child.kill('SIGKILL'))
  await until(() => server.texts.out.includes('"ready"'), server)
  assert.match(server.texts.out, /back the folder up/)
  assert.equal(statSync(join(cwd, 'admin.sock')).mode & 0o777, 0o600)

  // Another public URL: the addresses must be the server's.
  const run = (...words: string[]) =>
    commandLine(words, { cwd, environment: { LATCHKEY_DATA_DIRECTORY: cwd }, input: metadataOf('https://idp.example') })
  assert.equal((await run('organization', 'create', 'company-a')).code, 0)
  const added = await run('connection', 'add', 'company-a', '--metadata', '-')
  assert.match(added.out, /https:\/\/login\.example\/sso\/company-a\/acs/)
  const again = await run('organization', 'create', 'company-a')
  assert.equal(again.code, 1)
  assert.match(again.error, /\(organization_exists\)/)
  const port = /"address":"127\.0\.0\.1:(\d+)"/.exec(server.texts.out)?.[1]
  assert.equal(await statusOf(Number(port), '/sso/company-a/metadata'), 200)

  server.child.kill('SIGTERM')
  const { code, error } = await server.ended
  assert.deepEqual([code, error], [0, ''])
  assert.throws(() => readFileSync(join(cwd, 'admin.sock')), { code: 'ENOENT' })
  const listed = await run('organization', 'list', '-o', 'json')
  assert.equal(JSON.parse(listed.out)[0].id, 'company-a')
})

test('migrate --to moves the embedded database into PostgreSQL, once', async (t) => {
  const from = await createTestDatabase('embedded')
  const to = await createTestDatabase('served')
  t.after(async () => {
    await from.remove()
    await to.remove()
  })
  assert.ok(from.settings.kind === 'embedded' && to.settings.kind === 'postgres')
  const cwd = from.settings.dataDirectory
  const embedded = { cwd, environment: { LATCHKEY_DATA_DIRECTORY: cwd } }
  const served = { cwd, environment: { DATABASE_URL: to.settings.url } }
  await commandLine(['organization', 'create', 'company-a', '--name', 'Company Ä'], embedded)
  const moved = await commandLine(['migrate', '--to', to.settings.url], embedded)
  assert.deepEqual([moved.code, moved.out.slice(0, 5)], [0, 'Moved'])
  const listed = await commandLine(['organization', 'list', '-o', 'json'], served)
  assert.equal(JSON.parse(listed.out)[0].name, 'Company Ä')
  const again = await commandLine(['migrate', '--to', to.settings.url], embedded)
  assert.equal(again.code, 3)
  assert.match(again.error, /\(storage_not_empty\)/)
  assert.equal((await commandLine(['migrate'], served)).out, 'The tables are up to date.\n')
})

/** Asked under the public URL's host, as a proxy in front would. */
async function statusOf(port: number, path: string): Promise<number | undefined> {
  const sent = request({ host: '127.0.0.1', port, path, headers: { host: 'login.example' } }).end()
  const [response] = await once(sent, 'response')
  response.resume()
  return response.statusCode
}

async function until(holds: () => boolean, server: ReturnType<typeof startCommandLine>): Promise<void> {
  for (let waited = 0; !holds(); waited += 50) {
    if (waited > 60_000 || server.child.exitCode !== null) throw new Error(`no server: ${server.texts.error}`)
    await sleep(50)
  }
}
