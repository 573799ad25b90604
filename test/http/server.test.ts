import assert from 'node:assert/strict'
import { once } from 'node:events'
import type http from 'node:http'
import net from 'node:net'
import { test } from 'node:test'
import { isLatchkeyError } from '../../src/errors.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { assertRefused, assertSafe } from './support/assert-answer.ts'
import { serve } from './support/serve.ts'

test('the Host header chooses between Latchkey, an application and nobody', async (t) => {
  const { ask, addOrganization, addConnection, addApplication } = await serve(t)
  await addOrganization('company-a', 'Company A')
  await addConnection('company-a', 'company-a')
  await addApplication('benefits', ['company-a'])

  for (const host of ['login.example', 'LOGIN.example', 'login.example:443']) {
    assert.match((await ask('/signed-out', { host })).text, /You are signed out/, host)
  }
  for (const host of ['benefits.example', 'Benefits.Example:443']) {
    assert.equal((await ask('/account?x=1', { host })).text, 'benefits GET /account?x=1', host)
  }
  for (const host of [
    'other.example',
    'login.example:8443',
    'login.example.',
    '127.0.0.1',
    'a@login.example',
    'xn--',
    '[::1',
  ]) {
    assertRefused(await ask('/signed-out', { host }), 'host_unknown')
  }
})

test('health and metrics answer on every host but an application’s', async (t) => {
  const { ask, addOrganization, addConnection, addApplication } = await serve(t)
  await addOrganization('company-a', 'Company A')
  await addConnection('company-a', 'company-a')
  await addApplication('benefits', ['company-a'])
  for (const host of ['login.example', '127.0.0.1:8080', 'pod-7.internal']) {
    assert.deepEqual(JSON.parse((await ask('/healthz', { host })).text), { status: 'ok' })
    assert.deepEqual(JSON.parse((await ask('/readyz', { host })).text), { status: 'ok' })
    assert.match((await ask('/metrics', { host })).text, /^latchkey_process_cpu_seconds_total /m)
  }
  for (const path of ['/healthz', '/readyz', '/metrics']) {
    assert.equal((await ask(path, { host: 'benefits.example' })).text, `benefits GET ${path}`)
  }
  assertRefused(await ask('/healthz/x', { host: '127.0.0.1' }), 'host_unknown')
})

test('a request that can be read in two ways is refused', async (t) => {
  const { port, ask } = await serve(t)
  assertRefused(await ask('http://login.example/signed-out'), 'request_invalid')
  assertRefused(await ask('*', { method: 'OPTIONS' }), 'request_invalid')
  const twoHosts = 'GET /signed-out HTTP/1.1\r\nhost: login.example\r\nhost: evil.example\r\nconnection: close\r\n\r\n'
  assert.match(await exchange(port, twoHosts), /^HTTP\/1\.1 400 [\s\S]*request_invalid/)
  assert.match(await exchange(port, 'GET / HTTP/1.1\r\nconnection: close\r\n\r\n'), /^HTTP\/1\.1 400 /)
  assert.match(await exchange(port, 'rubbish\r\n\r\n'), /^HTTP\/1\.1 400 /)
  assert.equal((await ask('/signed-out')).status, 200)
})

test('headers larger than any of ours need to be are refused, the longest return address is not', async (t) => {
  const { ask, addOrganization, addConnection } = await serve(t)
  await addOrganization('company-a', 'Company A')
  await addConnection('company-a', 'company-a')
  const longest = encodeURIComponent(`/${'&'.repeat(8192 - 'https://login.example/'.length)}`)
  assert.equal((await ask(`/sso/company-a/login?return_to=${longest}`)).status, 303)
  assert.equal((await ask('/', { headers: { 'x-filler': 'x'.repeat(60_000) } })).status, 431)
})

test('an upgrade goes to the application, and to nobody else', async (t) => {
  const { port, addOrganization, addConnection, addApplication } = await serve(t)
  await addOrganization('company-a', 'Company A')
  await addConnection('company-a', 'company-a')
  await addApplication('benefits', ['company-a'])
  const upgrade = (host: string) =>
    `GET /ws HTTP/1.1\r\nhost: ${host}\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n`
  assert.match(await exchange(port, upgrade('benefits.example')), /^HTTP\/1\.1 101 [\s\S]*upgrade: benefits/)
  assert.match(await exchange(port, upgrade('login.example')), /^HTTP\/1\.1 404 [\s\S]*not_found/)
  assert.match(await exchange(port, upgrade('other.example')), /^HTTP\/1\.1 421 [\s\S]*host_unknown/)
})

test('an unexpected error is `internal`: logged with its place, without what was sent', async (t) => {
  const gateway = {
    handle() {
      throw new Error('secret@person.example is not a number')
    },
    upgrade: () => undefined,
  }
  const { ask, log, addOrganization, addConnection, addApplication } = await serve(t, { gateway })
  await addOrganization('company-a', 'Company A')
  await addConnection('company-a', 'company-a')
  await addApplication('benefits', ['company-a'])
  assertRefused(await ask('/x?mail=secret@person.example', { host: 'benefits.example' }), 'internal')
  const text = log.join('')
  assert.match(text, /"unexpected error"/)
  assert.match(text, /server\.test\.ts:\d+/)
  assert.doesNotMatch(text, /secret|person/)
})

test('a client that goes away in the middle of a form is no error of ours', async (t) => {
  const { port, log } = await serve(t)
  const socket = net.connect(port, '127.0.0.1')
  // It may close before it has heard all of us.
  socket.on('error', () => undefined)
  socket.end(`${formHead}content-length: 100\r\n\r\norganization=`)
  socket.resume()
  await once(socket, 'close')
  const reset = net.connect(port, '127.0.0.1')
  reset.write(`${formHead}content-length: 100\r\n\r\norganization=`)
  await new Promise((resolve) => setTimeout(resolve, 50))
  reset.resetAndDestroy()
  while (log.length < 2) await new Promise((resolve) => setTimeout(resolve, 10))
  assert.doesNotMatch(log.join(''), /unexpected error/)
})

const formHead = 'POST /find HTTP/1.1\r\nhost: login.example\r\ncontent-type: application/x-www-form-urlencoded\r\n'

test('the log has a line for each request with the route’s pattern, never the address', async (t) => {
  const { ask, log, addOrganization, addConnection } = await serve(t)
  await addOrganization('company-a', 'Company A')
  await addConnection('company-a', 'company-a')
  await ask('/sso/company-a/login?return_to=/secret-page', { headers: { cookie: '__Host-latchkey=secret-token' } })
  await ask('/secret-address')
  await new Promise(setImmediate)
  const lines = log.map((line) => JSON.parse(line))
  assert.deepEqual(
    lines.map(({ method, route, status, refused }) => ({ method, route, status, refused })),
    [
      { method: 'GET', route: '/sso/:connection/login', status: 303, refused: undefined },
      { method: 'GET', route: 'none', status: 404, refused: 'not_found' },
    ],
  )
  assert.ok(lines.every(({ requestId, ms }) => typeof requestId === 'string' && typeof ms === 'number'))
  assert.doesNotMatch(log.join(''), /secret/)
})

test('listen() on a busy port throws port_in_use and names the setting', async (t) => {
  const { port, deps } = await serve(t)
  const second = await createHttpServer({ ...deps, listen: { host: '127.0.0.1', port } })
  await assert.rejects(second.listen(), (error) => {
    assert.ok(isLatchkeyError(error, 'port_in_use'))
    assert.equal(error.detail.arrived, `127.0.0.1:${port}`)
    assert.match(error.detail.advice ?? '', /--listen-port.*LATCHKEY_LISTEN_PORT/)
    return true
  })
  await second.close()
})

test('listen() on an address of another machine throws configuration_invalid', async (t) => {
  const { deps } = await serve(t)
  const second = await createHttpServer({ ...deps, listen: { host: '192.0.2.1', port: 0 } })
  await assert.rejects(second.listen(), { code: 'configuration_invalid' })
  await second.close()
})

test('drain() lets an open request finish, says that it is not ready, then closes', async (t) => {
  let finish = () => {}
  const gateway = {
    handle(_request: http.IncomingMessage, response: http.ServerResponse) {
      finish = () => void response.end('finished')
    },
    upgrade: () => undefined,
  }
  const { ask, http: server, port, addOrganization, addConnection, addApplication } = await serve(t, { gateway })
  await addOrganization('company-a', 'Company A')
  await addConnection('company-a', 'company-a')
  await addApplication('benefits', ['company-a'])
  const arrived = once(server.server, 'request')
  const open = ask('/slow', { host: 'benefits.example' })
  await arrived
  const drained = server.drain(30)
  const ready = await ask('/readyz')
  assert.deepEqual([ready.status, JSON.parse(ready.text)], [503, { status: 'draining' }])
  assert.equal(ready.headers.connection, 'close')
  assert.equal((await ask('/healthz')).status, 200)
  finish()
  assert.equal((await open).text, 'finished')
  await drained
  await assert.rejects(ask('/healthz'), { code: 'ECONNREFUSED' })
  assert.ok(port > 0)
})

test('drain() cuts off what has not finished in time', async (t) => {
  const gateway = { handle: () => undefined, upgrade: () => undefined }
  const { ask, http: server, addOrganization, addConnection, addApplication } = await serve(t, { gateway })
  await addOrganization('company-a', 'Company A')
  await addConnection('company-a', 'company-a')
  await addApplication('benefits', ['company-a'])
  const arrived = once(server.server, 'request')
  const open = assert.rejects(ask('/never', { host: 'benefits.example' }), { code: 'ECONNRESET' })
  await arrived
  await server.drain(0.05)
  await open
})

test('readyz is 503 while the storage does not answer', async (t) => {
  const { deps, directory } = await serve(t)
  const checkStorage = () => Promise.reject(new Error('gone'))
  const broken = await createHttpServer({ ...deps, directory: { ...directory, checkStorage } })
  const { port } = await broken.listen()
  t.after(() => broken.close())
  const response = await fetch(`http://127.0.0.1:${port}/readyz`)
  assert.deepEqual([response.status, await response.json()], [503, { status: 'storage_unavailable' }])
})

test('a refusal speaks JSON to programs and HTML to browsers', async (t) => {
  const { ask } = await serve(t)
  const answer = await ask('/nothing', { accept: 'application/json' })
  assertSafe(answer)
  assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
  const { reference, ...body } = JSON.parse(answer.text)
  assert.deepEqual(body, { error: 'not_found', message: 'There is nothing at this address.', fix: 'caller' })
  assert.match(reference, /^[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}$/)
  assertRefused(await ask('/nothing'), 'not_found')
})

/** Sends bytes as they are, gives all that comes back. */
async function exchange(port: number, text: string): Promise<string> {
  const socket = net.connect(port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write(text)
  await once(socket, 'close')
  return Buffer.concat(chunks).toString()
}
