import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type ClientRequest, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import { type AddressInfo, connect, createServer as createTcpServer } from 'node:net'
import { test } from 'node:test'
import { type House, openHouse } from './house.ts'

function open(
  house: House,
  options: { method?: string; path?: string; headers: Record<string, string> },
): ClientRequest {
  const headers = { host: `benefits.localhost:${house.port}`, ...options.headers }
  const { method = 'GET', path = '/' } = options
  const outgoing = request({ host: '127.0.0.1', port: house.port, method, path, headers, agent: false })
  outgoing.on('error', () => {})
  return outgoing
}

/** The next request of the application, with its response. */
function nextArrival(house: House): Promise<readonly [IncomingMessage, ServerResponse]> {
  return new Promise((resolve) => {
    house.upstream.answer = (req, res) => resolve([req, res])
  })
}

async function responseOf(outgoing: ClientRequest): Promise<IncomingMessage> {
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage]
  return response
}

async function textOf(stream: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of stream) text += chunk
  return text
}

/** Writes bytes as they are and gives all that comes back until the connection ends. */
function sendRaw(house: House, text: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(house.port, '127.0.0.1', () => socket.write(text))
    let received = ''
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
    })
    socket.on('error', () => resolve(received))
    socket.on('close', () => resolve(received))
  })
}

test('an event arrives at the browser before the application has finished', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const arrival = nextArrival(house)
  const outgoing = open(house, { headers: { cookie } })
  outgoing.end()
  const [, res] = await arrival
  res.writeHead(200, { 'content-type': 'text/event-stream' })
  res.flushHeaders()
  const response = await responseOf(outgoing)
  assert.equal(response.headers['content-type'], 'text/event-stream')
  res.write('data: one\n\n')
  assert.equal(String((await once(response, 'data'))[0]), 'data: one\n\n')
  res.end('data: two\n\n')
  assert.equal(await textOf(response), 'data: two\n\n')
})

test('an upload reaches the application while the browser still sends', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const arrival = nextArrival(house)
  const outgoing = open(house, { method: 'POST', headers: { cookie, 'transfer-encoding': 'chunked' } })
  outgoing.write('first')
  const [req, res] = await arrival
  assert.equal(req.headers['transfer-encoding'], 'chunked')
  assert.equal(String((await once(req, 'data'))[0]), 'first')
  outgoing.end('last')
  assert.equal(await textOf(req), 'last')
  res.end('thanks')
  assert.equal(await textOf(await responseOf(outgoing)), 'thanks')
})

test('large bodies pass unchanged both ways', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  house.upstream.answer = (req, res) => {
    res.setHeader('content-length', req.headers['content-length'] ?? '')
    req.pipe(res)
  }
  const body = Buffer.alloc(8 * 1024 * 1024, 'abcdefg')
  const outgoing = open(house, { method: 'PUT', headers: { cookie, 'content-length': String(body.length) } })
  outgoing.end(body)
  const response = await responseOf(outgoing)
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk)
  assert.ok(Buffer.concat(chunks).equals(body))
})

test('a slow browser holds the application back', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const arrival = nextArrival(house)
  const outgoing = open(house, { headers: { cookie } })
  outgoing.end()
  const [, res] = await arrival
  const total = 64 * 1024 * 1024
  let written = 0
  const chunk = Buffer.alloc(1024 * 1024)
  const fill = () => {
    while (written < total) {
      written += chunk.length
      if (!res.write(chunk)) return
    }
    res.end()
  }
  res.on('drain', fill)
  fill()
  const response = await responseOf(outgoing)
  response.pause()
  // What the sockets on the way hold is less than the whole: asked again after everything that can flow has flowed.
  let before = -1
  while (before !== written) {
    before = written
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  assert.ok(written < total, `${written} bytes were taken without being read`)
  response.destroy()
})

test('who leaves in the middle is gone for the application too', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const arrival = nextArrival(house)
  const outgoing = open(house, { headers: { cookie } })
  outgoing.end()
  const [, res] = await arrival
  res.write('begun')
  const response = await responseOf(outgoing)
  response.on('error', () => {})
  const gone = once(res, 'close')
  outgoing.destroy()
  await gone
  assert.equal(res.writableFinished, false)
})

test('who leaves before an answer, or in the middle of an upload, is gone for the application too', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  for (const headers of [{ cookie }, { cookie, 'content-length': '100' }]) {
    const arrival = nextArrival(house)
    const outgoing = open(house, { method: 'content-length' in headers ? 'POST' : 'GET', headers })
    if ('content-length' in headers) outgoing.write('some')
    else outgoing.end()
    const [req, res] = await arrival
    req.on('error', () => {})
    const gone = once(res, 'close')
    outgoing.destroy()
    await gone
  }
})

test('an answer that breaks off breaks off for the browser too', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  for (const headers of [{}, { 'content-length': '100' }]) {
    house.upstream.answer = (_, res) => {
      res.writeHead(200, headers)
      res.write('half', () => res.destroy())
    }
    await assert.rejects(house.send('/', { cookie }), { code: 'ECONNRESET' })
  }
})

test('an application that is not there is 502 upstream_unreachable, as page and as JSON', async (t) => {
  const closed = createServer().listen(0, '127.0.0.1')
  await once(closed, 'listening')
  const { port } = closed.address() as AddressInfo
  closed.close()
  const house = await openHouse(t, { upstream: `http://127.0.0.1:${port}` })
  const cookie = await house.enter()
  const answer = await house.send('/plans?x=1', { cookie })
  assert.equal(answer.status, 502)
  assert.equal(JSON.parse(answer.body).error, 'upstream_unreachable')
  const asPage = await house.send('/plans?x=1', { cookie, headers: { accept: 'text/html' } })
  assert.match(asPage.body, new RegExp(`href="${house.origin}/plans\\?x=1"`))
  assert.equal(house.logged.length, 2)
  const upload = await house.send('/', { cookie, method: 'POST', body: 'x'.repeat(100_000) })
  assert.equal(upload.status, 502)
})

test('an application that hangs up, talks nonsense or never answers is 502 upstream_unreachable', async (t) => {
  const answers = [
    null,
    'SSH-2.0-nonsense\r\n',
    'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    undefined,
  ]
  for (const answer of answers) {
    const silent = createTcpServer((socket) => {
      socket.on('error', () => {})
      if (answer === null) socket.destroy()
      else if (answer !== undefined) socket.once('data', () => socket.end(answer))
    }).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const upstream = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`
    const house = await openHouse(t, { upstream, timing: { responseSeconds: 0.2 } })
    const result = await house.send('/', { cookie: await house.enter() })
    assert.equal(result.status, 502, String(answer))
    silent.close()
  }
})

test('a kept connection that the application has closed does not fail a request that can be repeated', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  let count = 0
  house.upstream.server.keepAliveTimeout = 0
  house.upstream.answer = (req, res) => {
    count += 1
    // Reset at the second request of a connection, as an application does that closes at that very moment.
    if (count === 2) req.socket.resetAndDestroy()
    else res.end(`answer ${count}`)
  }
  assert.equal((await house.send('/', { cookie })).body, 'answer 1')
  assert.equal((await house.send('/', { cookie })).body, 'answer 3')
  count = 0
  assert.equal((await house.send('/', { cookie })).body, 'answer 1')
  assert.equal((await house.send('/', { cookie, method: 'POST', body: 'x' })).status, 502)
})

test('100-continue is the application to give', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const asked: string[] = []
  house.upstream.server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    asked.push(req.headers.expect ?? '')
    if (req.url === '/no') return void res.writeHead(413).end('too much')
    res.writeContinue()
    req.pipe(res)
  })
  const yes = open(house, {
    method: 'POST',
    path: '/yes',
    headers: { cookie, expect: '100-continue', 'content-length': '4' },
  })
  yes.flushHeaders()
  await once(yes, 'continue')
  yes.end('body')
  assert.equal(await textOf(await responseOf(yes)), 'body')

  let continued = false
  const no = open(house, {
    method: 'POST',
    path: '/no',
    headers: { cookie, expect: '100-continue', 'content-length': '4' },
  })
  no.on('continue', () => {
    continued = true
  })
  no.flushHeaders()
  const refused = await responseOf(no)
  assert.equal(refused.statusCode, 413)
  assert.equal(continued, false)
  no.destroy()
  assert.deepEqual(asked, ['100-continue', '100-continue'])
})

test('an application that answers before the upload ends is heard', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  house.upstream.answer = (_, res) => res.writeHead(413).end('too much')
  const outgoing = open(house, { method: 'POST', headers: { cookie, 'content-length': '10000000' } })
  outgoing.write('x'.repeat(1000))
  const response = await responseOf(outgoing)
  assert.equal(response.statusCode, 413)
  assert.equal(await textOf(response), 'too much')
  outgoing.destroy()
})

test('headers for one connection only do not pass in either direction', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  house.upstream.answer = (_, res) => {
    res.writeHead(200, [
      'Connection',
      'X-Inner',
      'X-Inner',
      '1',
      'Keep-Alive',
      'timeout=99',
      'X-Outer',
      '2',
      'X-Outer',
      '3',
    ])
    res.end()
  }
  const answer = await house.send('/', {
    cookie,
    headers: { connection: 'close, X-Mine', 'x-mine': '1', 'x-other': '2', te: 'trailers', 'proxy-authorization': 'x' },
  })
  const headers: IncomingMessage['headers'] = house.upstream.requests.at(-1)?.headers ?? {}
  for (const name of ['x-mine', 'te', 'proxy-authorization']) assert.equal(headers[name], undefined, name)
  assert.equal(headers['x-other'], '2')
  assert.equal(answer.headers['x-inner'], undefined)
  assert.equal(answer.headers['x-outer'], '2, 3')
  assert.notEqual(answer.headers['keep-alive'], 'timeout=99')
})

test('a client cannot have our headers dropped by naming them in Connection', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const connection = 'close, Remote-User, X-Latchkey-Assertion, Content-Length, Host'
  await house.send('/', { cookie, method: 'POST', body: 'abc', headers: { connection } })
  const headers: IncomingMessage['headers'] = house.upstream.requests.at(-1)?.headers ?? {}
  assert.equal(headers['remote-user'], 'ada')
  assert.equal(headers['content-length'], '3')
  assert.ok(headers['x-latchkey-assertion'])
})

test('headers that a draining server has set stay, and repeated ones of the application too', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  house.server.prependListener('request', (_, res) => res.setHeader('connection', 'close'))
  house.upstream.answer = (_, res) => res.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end('bye')
  const answer = await house.send('/', { cookie })
  assert.equal(answer.headers.connection, 'close')
  assert.deepEqual(answer.headers['set-cookie'], ['a=1', 'b=2'])
  assert.equal(answer.body, 'bye')
})

test('a redirect to the inner address leads to the outer one', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const inner = `http://127.0.0.1:${house.upstream.port}`
  const table: [string, string][] = [
    [`${inner}/a?b`, `${house.origin}/a?b`],
    [inner, house.origin],
    [`${inner}0/a`, `${inner}0/a`],
    ['https://elsewhere.example/', 'https://elsewhere.example/'],
    ['/relative', '/relative'],
  ]
  for (const [location, expected] of table) {
    house.upstream.answer = (_, res) => res.writeHead(302, { location }).end()
    assert.equal((await house.send('/', { cookie })).headers.location, expected)
  }
})

test('a body framed in two ways reaches nobody', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const head = `Host: benefits.localhost:${house.port}\r\nCookie: ${cookie}\r\nConnection: close\r\n`
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n'
  const framings = [
    `Content-Length: ${smuggled.length}\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    `Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`,
    `Content-Length: 5\r\nContent-Length: 6\r\n\r\n0\r\n\r\n${smuggled}`,
    `Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
    `Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${smuggled}`,
    `Content-Length: +5\r\n\r\n0\r\n\r\n${smuggled}`,
    `X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
  ]
  for (const framing of framings) {
    const answer = await sendRaw(house, `POST / HTTP/1.1\r\n${head}${framing}`)
    assert.match(answer, /^HTTP\/1\.1 400 /, framing)
    assert.doesNotMatch(answer, /the application/)
  }
  assert.equal(house.upstream.requests.length, 0)
})

test('a stream that outlives its session is broken off', async (t) => {
  const house = await openHouse(t, { timing: { recheckSeconds: 0.05 } })
  const cookie = await house.enter()
  const arrival = nextArrival(house)
  const outgoing = open(house, { headers: { cookie } })
  outgoing.end()
  const [, res] = await arrival
  res.write('begun')
  const response = await responseOf(outgoing)
  response.on('error', () => {})
  const [gone, ended] = [once(res, 'close'), new Promise((resolve) => response.once('close', resolve))]
  await house.directory.setState('suspended')
  await Promise.all([gone, ended])
  assert.equal(response.complete, false)
})

test('what goes on is counted by its outcome', async (t) => {
  const house = await openHouse(t, { settings: { policy: [{ path: '/', roles: ['agent'] }] } })
  const cookie = await house.enter()
  await house.send('/', { cookie })
  await house.send('/')
  await house.directory.grant([], [])
  await house.send('/', { cookie })
  assert.deepEqual(house.counted, ['entered', 'entered', 'forwarded', 'session_required', 'account_not_entitled'])
  assert.deepEqual(house.logged, [])
})
