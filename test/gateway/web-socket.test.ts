import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { test } from 'node:test'
import { WebSocket } from 'ws'
import { type House, openHouse } from './house.ts'

function openSocket(house: House, path: string, headers: Record<string, string>): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${house.port}${path}`, {
    headers: { host: `benefits.localhost:${house.port}`, ...headers },
  })
  socket.on('error', () => {})
  return socket
}

async function refusalOf(socket: WebSocket): Promise<{ status: number; error: string }> {
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  let body = ''
  for await (const chunk of response) body += chunk
  return { status: response.statusCode ?? 0, error: JSON.parse(body).error }
}

test('a WebSocket with a session reaches the application, with who is coming', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const socket = openSocket(house, '/live?x=1', {
    cookie: `a=1; ${cookie}`,
    origin: house.origin,
    'remote-user': 'forged',
    remote_user: 'forged',
  })
  await once(socket, 'open')
  socket.send('hello')
  assert.equal(String((await once(socket, 'message'))[0]), 'echo hello')
  const request = house.upstream.requests.at(-1)
  assert.equal(request?.url, '/live?x=1')
  assert.equal(request?.headers['remote-user'], 'ada')
  assert.ok(request?.headers['x-latchkey-assertion'])
  assert.equal(request?.headers.cookie, 'a=1')
  assert.ok(!request?.rawHeaders.includes('forged'))
  socket.close(1000)
  assert.equal((await once(socket, 'close'))[0], 1000)
})

test('a WebSocket without a session is refused with 401', async (t) => {
  const house = await openHouse(t)
  assert.deepEqual(await refusalOf(openSocket(house, '/', {})), { status: 401, error: 'session_required' })
  assert.equal(house.upstream.requests.length, 0)
})

test('the policy holds for WebSockets', async (t) => {
  const house = await openHouse(t, { settings: { policy: [{ path: '/live', roles: ['manager'] }] } })
  const cookie = await house.enter()
  const refused = { status: 403, error: 'account_not_entitled' }
  assert.deepEqual(await refusalOf(openSocket(house, '/live', { cookie })), refused)
  await house.directory.grant(['manager'], [])
  await once(openSocket(house, '/live', { cookie }), 'open')
})

test('a page of another origin cannot open a WebSocket with the cookie of this one', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  for (const origin of [
    'https://evil.example',
    `http://other.localhost:${house.port}`,
    'null',
    `${house.origin}.evil`,
  ]) {
    const refused = await refusalOf(openSocket(house, '/', { cookie, origin }))
    assert.deepEqual(refused, { status: 403, error: 'origin_not_allowed' })
  }
  assert.equal(house.upstream.requests.length, 0)
})

test('our own addresses are no WebSockets', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  assert.deepEqual(await refusalOf(openSocket(house, '/.latchkey/enter', { cookie })), {
    status: 404,
    error: 'not_found',
  })
})

test('an upgrade to anything but a WebSocket is refused', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const socket = connect(house.port, '127.0.0.1')
  socket.write(
    `GET / HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
  )
  let text = ''
  for await (const chunk of socket) text += chunk
  assert.match(text, /^HTTP\/1\.1 400 /)
  assert.equal(house.upstream.requests.length, 0)
})

test('an application that does not switch is heard, and the connection ends', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  house.upstream.server.removeAllListeners('upgrade')
  house.upstream.answer = (_, res) => res.writeHead(426, { 'x-why': 'no sockets' }).end('no sockets here')
  const socket = openSocket(house, '/', { cookie })
  const [, response] = (await once(socket, 'unexpected-response')) as [unknown, IncomingMessage]
  assert.equal(response.statusCode, 426)
  assert.equal(response.headers.connection, 'close')
  let body = ''
  for await (const chunk of response) body += chunk
  assert.equal(body, 'no sockets here')
})

test('an application that is not there refuses a WebSocket with 502', async (t) => {
  const house = await openHouse(t, { upstream: 'http://127.0.0.1:9' })
  const refused = await refusalOf(openSocket(house, '/', { cookie: await house.enter() }))
  assert.deepEqual(refused, { status: 502, error: 'upstream_unreachable' })
})

test('an end of either side ends the other', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  for (const side of ['browser', 'application']) {
    const socket = openSocket(house, '/', { cookie })
    await once(socket, 'open')
    const inner = house.upstream.requests.at(-1)?.socket
    assert.ok(inner !== undefined)
    const ended = [once(inner, 'close'), once(socket, 'close')]
    if (side === 'browser') socket.terminate()
    else inner.destroy()
    await Promise.all(ended)
  }
})

test('suspending the account ends an open WebSocket', async (t) => {
  const house = await openHouse(t, { timing: { recheckSeconds: 0.05 } })
  const socket = openSocket(house, '/', { cookie: await house.enter() })
  await once(socket, 'open')
  const inner = house.upstream.requests.at(-1)?.socket
  assert.ok(inner !== undefined)
  const ended = [once(inner, 'close'), once(socket, 'close')]
  await house.directory.setState('suspended')
  await Promise.all(ended)
})
