import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type House, openHouse } from './house.ts'

const policy = [
  { path: '/', allow: 'everyone' as const },
  { path: '/manage', roles: ['manager'], groups: ['Personnel <HR>'] },
  { path: '/plans', methods: ['GET'], allow: 'everyone' as const },
  { path: '/plans', methods: ['POST', 'DELETE'], roles: ['manager'] },
  { path: '/closed', allow: 'nobody' as const },
]

async function openGuarded(t: Parameters<typeof openHouse>[0]): Promise<{ house: House; cookie: string }> {
  const house = await openHouse(t, { settings: { policy } })
  return { house, cookie: await house.enter({ roles: ['agent'], groups: [] }) }
}

test('the policy decides by path and method, and says what would have admitted', async (t) => {
  const { house, cookie } = await openGuarded(t)
  const table: [string, string, number][] = [
    ['GET', '/', 200],
    ['GET', '/manage', 403],
    ['GET', '/manage/', 403],
    ['GET', '/manage/people?x=/', 403],
    ['GET', '/management', 200],
    ['GET', '/plans/1', 200],
    ['HEAD', '/plans/1', 200],
    ['POST', '/plans/1', 403],
    ['PUT', '/plans/1', 403],
    ['GET', '/closed/x', 403],
  ]
  for (const [method, path, status] of table) {
    assert.equal((await house.send(path, { method, cookie })).status, status, `${method} ${path}`)
  }
  const refused = JSON.parse((await house.send('/manage', { cookie })).body)
  assert.equal(refused.error, 'account_not_entitled')
  assert.match(refused.explanation, /the role manager, or the group Personnel <HR>/)
  const asPage = await house.send('/manage', { cookie, headers: { accept: 'text/html' } })
  assert.equal(asPage.status, 403)
  assert.match(asPage.body, /the role manager, or the group Personnel &lt;HR&gt;/)

  await house.directory.grant(['manager'], [])
  assert.equal((await house.send('/manage', { cookie })).status, 200)
  await house.directory.grant([], ['Personnel <HR>'])
  assert.equal((await house.send('/manage', { cookie })).status, 200)
  assert.equal((await house.send('/plans', { method: 'DELETE', cookie })).status, 403)
})

test('no way of writing a path goes round the policy', async (t) => {
  const { house, cookie } = await openGuarded(t)
  const before = house.upstream.requests.length
  const paths = [
    '/%6danage',
    '/x/../manage',
    '/x/%2e%2e/manage',
    '/x/%2E./manage',
    '/x/..%2fmanage',
    '/x/..%5cmanage',
    '/x/..\\manage',
    '/x/..;/manage',
    '/x/%252e%252e/manage',
    '//manage',
    '/./manage',
    '/.//manage',
    '/manage;x=1',
    '/;x/manage',
    '/MANAGE',
    '/manage%00',
    '/manage%20',
    '/manage.',
    '/%c0%ae%c0%ae/manage',
    '/plans/%2e%2e/manage',
    'http://benefits.localhost/manage',
    '*',
    '?/manage',
  ]
  for (const path of paths) {
    const { status } = await house.send(path, { cookie })
    assert.ok(status === 400 || status === 403, `${path}: ${status}`)
  }
  assert.equal(house.upstream.requests.length, before)
})

test('the path that was judged is the path that is sent', async (t) => {
  const { house, cookie } = await openGuarded(t)
  for (const path of ['/caf%C3%A9/a%20b?q=%2e%2e%2f&x', '/a+b/c~d/%7Ee', '/x;v=1/y', '/?a=//b']) {
    assert.equal((await house.send(path, { cookie })).status, 200, path)
    assert.equal(house.upstream.requests.at(-1)?.url, path)
  }
})

test('a method in a header is judged too', async (t) => {
  const { house, cookie } = await openGuarded(t)
  for (const name of ['X-HTTP-Method-Override', 'x_http_method_override', 'X-HTTP-Method', 'X-Method-Override']) {
    const answer = await house.send('/plans/1', { cookie, headers: { [name]: 'delete' } })
    assert.equal(answer.status, 403, name)
    assert.equal((await house.send('/plans/1', { cookie, headers: { [name]: 'GET' } })).status, 200, name)
  }
})

test('methods that reflect headers are refused', async (t) => {
  const { house, cookie } = await openGuarded(t)
  assert.equal((await house.send('/', { method: 'TRACE', cookie })).status, 405)
})

test('people of a connection that the application does not list do not enter', async (t) => {
  const house = await openHouse(t, { settings: { connections: ['company-z'] } })
  const cookie = await house.enter()
  const answer = await house.send('/', { cookie })
  assert.equal(answer.status, 403)
  assert.equal(JSON.parse(answer.body).error, 'account_not_entitled')
  assert.equal(house.upstream.requests.length, 0)
})
