import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { test } from 'node:test'
import { decodeJwt, jwtVerify } from 'jose'
import type { Identity } from '../../src/gateway/identity.ts'
import { createIdentitySigner } from '../../src/gateway/identity-assertion.ts'
import { isControlledHeader } from '../../src/gateway/identity-headers.ts'
import { encodeHeaderValue } from '../../src/gateway/percent-encode.ts'
import { beginAndSignIn, cookieOf, type House, openHouse } from './house.ts'

async function arriving(house: House, cookie: string, headers: Record<string, string | string[]> = {}) {
  await house.send('/', { cookie, headers })
  const request = house.upstream.requests.at(-1)
  assert.ok(request !== undefined)
  return request
}

const identityOnly = ({ headers }: IncomingMessage) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name.startsWith('remote-')))

test('the application is told who is coming', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter({ roles: ['agent', 'manager'], groups: ['Staff', 'Sales, East'] })
  assert.deepEqual(identityOnly(await arriving(house, cookie)), {
    'remote-user': 'ada',
    'remote-email': 'ada@company-a.example',
    'remote-name': 'Ada Byron',
    'remote-groups': 'Sales%2C East,Staff',
    'remote-roles': 'agent,manager',
  })
})

test('names in any script survive, and so do commas and percent signs', async (t) => {
  const house = await openHouse(t)
  const username = 'жанна, 100% 山田@example'
  const groups = ['Abteilung Köln', 'a%2Cb', '部門,東', ' spaces ', 'emoji 🗝']
  const cookie = await house.enter({ username, fields: { displayName: 'Zoë Ångström' }, groups })
  const { headers } = await arriving(house, cookie)
  assert.match(String(headers['remote-user']), /^[ -~]+$/)
  assert.equal(decodeURIComponent(String(headers['remote-user'])), username)
  assert.equal(headers['remote-name'], 'Zo%C3%AB %C3%85ngstr%C3%B6m')
  const listed = String(headers['remote-groups']).split(',').map(decodeURIComponent)
  assert.deepEqual(listed.sort(), [...groups].sort())
  assert.equal(headers['remote-email'], undefined)
})

test('Remote-User is what the application chose', async (t) => {
  const expected = { username: /^ada$/, qualified: /^ada@company-a$/, accountId: /^[0-9a-f-]{36}$/ }
  for (const [remoteUser, pattern] of Object.entries(expected)) {
    const house = await openHouse(t, { settings: { remoteUser: remoteUser as keyof typeof expected } })
    assert.match(String((await arriving(house, await house.enter())).headers['remote-user']), pattern)
  }
})

test('a value with a control character is refused and nothing is passed on', async (t) => {
  const values = ['Ada\r\nRemote-Roles: administrator', 'Ada\u0000', 'Ada\u007f', 'Ada\u0085']
  for (const displayName of values.slice(0, 1).concat(values.slice(2))) {
    const house = await openHouse(t)
    const cookie = await house.enter({ fields: { displayName } })
    const answer = await house.send('/', { cookie })
    assert.equal(answer.status, 403)
    assert.equal(JSON.parse(answer.body).error, 'header_value_invalid')
    assert.equal(house.upstream.requests.length, 0)
  }
  for (const value of [...values, '\ud800', 'x'.repeat(2049)]) {
    assert.throws(() => encodeHeaderValue(value, 'Remote-Name'), { code: 'header_value_invalid' })
  }
})

test('too many groups to pass on are left out of header and assertion, and named', async (t) => {
  const house = await openHouse(t)
  const groups = Array.from({ length: 500 }, (_, index) => `group-${String(index).padStart(4, '0')}`)
  const { headers } = await arriving(house, await house.enter({ groups }))
  assert.equal(headers['remote-groups'], undefined)
  assert.equal(headers['x-latchkey-omitted'], 'groups')
  assert.equal(headers['remote-roles'], 'agent')
  const claims = decodeJwt(String(headers['x-latchkey-assertion']))
  assert.equal(claims.groups, undefined)
  assert.deepEqual(claims.omitted, ['groups'])
  assert.deepEqual(claims.roles, ['agent'])
})

test('the assertion is a short ES256 token for this application, and states what the headers state', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter({ groups: ['Staff', 'Sales, East'] })
  const { headers } = await arriving(house, cookie)
  const { payload, protectedHeader } = await jwtVerify(String(headers['x-latchkey-assertion']), house.publicKey, {
    issuer: 'https://latchkey.example',
    audience: 'benefits',
    algorithms: ['ES256'],
  })
  assert.deepEqual(protectedHeader, { alg: 'ES256', typ: 'JWT', kid: 'key-1' })
  const { iat = 0, exp = 0, sub, sid, account_created_at: createdAt, groups, ...rest } = payload
  assert.equal(exp - iat, 60)
  assert.match(String(sub), /^[0-9a-f-]{36}$/)
  assert.match(String(sid), /^[0-9a-f-]{36}$/)
  assert.ok(Number.isInteger(createdAt))
  assert.deepEqual([...(groups as string[])].sort(), ['Sales, East', 'Staff'])
  assert.deepEqual(rest, {
    iss: 'https://latchkey.example',
    aud: 'benefits',
    org: 'company-a',
    preferred_username: 'ada',
    email: 'ada@company-a.example',
    name: 'Ada Byron',
    roles: ['agent'],
    connection: 'company-a',
  })
})

test('a token is used again for a few seconds, but never for another statement', async () => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  let nowMs = 1_800_000_000_000
  const sign = createIdentitySigner({
    key: () => ({ kid: 'key-1', privateKey }),
    issuer: 'https://latchkey.example',
    now: () => new Date(nowMs),
  })
  const identity: Identity = {
    applicationId: 'benefits',
    accountId: 'account',
    organizationId: 'company-a',
    username: 'ada',
    remoteUser: 'ada',
    groups: [],
    roles: ['agent'],
    accountCreatedAt: new Date(0),
    connectionId: 'company-a',
    sessionId: 'session',
  }
  const first = await sign(identity)
  nowMs += 4999
  assert.equal(await sign({ ...identity }), first)
  const changes: Partial<Identity>[] = [
    { applicationId: 'other' },
    { roles: [] },
    { groups: ['g'] },
    { sessionId: 'other' },
    { name: 'Ada' },
    { roles: undefined },
  ]
  for (const change of changes) assert.notEqual(await sign({ ...identity, ...change }), first)
  nowMs += 1
  assert.notEqual(await sign(identity), first)
})

test('a change of grants is in the next request', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter({ roles: ['agent'] })
  assert.equal((await arriving(house, cookie)).headers['remote-roles'], 'agent')
  await house.directory.grant(['manager'], [])
  const { headers } = await arriving(house, cookie)
  assert.equal(headers['remote-roles'], 'manager')
  assert.equal(headers['remote-groups'], undefined)
  assert.deepEqual(decodeJwt(String(headers['x-latchkey-assertion'])).roles, ['manager'])
})

/** What a client may try to pass for a statement of ours. */
const forged = [
  ...['Remote-User', 'Remote_User', 'REMOTE-USER', 'remote_user', 'Remote.User', 'Remote-User-', 'Remote~User'],
  ...['Remote-Email', 'Remote-Name', 'Remote_Groups', 'Remote-Roles', 'remote-anything', 'X-Remote-User'],
  ...['X-Latchkey-Assertion', 'X_Latchkey_Assertion', 'x-latchkey_assertion', 'X-Latchkey-Omitted', 'X-Latchkey-Role'],
  ...['X-Forwarded-User', 'X_Forwarded_User', 'X-Forwarded-Email', 'X-Forwarded-Groups'],
  ...['X-Forwarded-Preferred-Username', 'X-Forwarded-Access-Token', 'X-Auth-Request-User', 'X_Auth_Request_Email'],
  ...['X-WebAuth-User', 'X-Original-URL', 'X_Rewrite_URL', 'X-Real-IP', 'Proxy', 'X-Forwarded_Prefix'],
]

test('no header of a client passes for a statement of ours', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  for (const name of forged) {
    const request = await arriving(house, cookie, { [name]: 'forged', 'X-Harmless': 'kept' })
    assert.ok(!request.rawHeaders.includes('forged'), name)
    assert.equal(request.headers['x-harmless'], 'kept')
    assert.equal(request.headers['remote-user'], 'ada', name)
    assert.equal(request.rawHeaders.filter((text) => text.toLowerCase() === 'remote-user').length, 1)
  }
})

test('headers that merely look alike pass', () => {
  for (const name of [
    'Remote',
    'RemoteUser',
    'X-Forwarded',
    'X-Latch',
    'Authorization',
    'X-Request-Id',
    'Proxy-Status',
  ]) {
    assert.equal(isControlledHeader(name), false, name)
  }
})

test('where a request came from is stated by us alone', async (t) => {
  const house = await openHouse(t)
  const { headers } = await arriving(house, await house.enter(), {
    'X-Forwarded-For': '203.0.113.9',
    'X-Forwarded-Host': 'evil.example',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Port': '1',
    Forwarded: 'for=203.0.113.9;host=evil.example',
  })
  const host = `benefits.localhost:${house.port}`
  assert.equal(headers.host, host)
  assert.equal(headers['x-forwarded-for'], '127.0.0.1')
  assert.equal(headers['x-forwarded-host'], host)
  assert.equal(headers['x-forwarded-proto'], 'http')
  assert.equal(headers['x-forwarded-port'], undefined)
  assert.equal(headers.forwarded, `for=127.0.0.1;host="${host}";proto=http`)
})

test('our cookies stay with us, the others pass', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  const { headers } = await arriving(house, `a=1; ${cookie}; __host-Latchkey-x=2; b="c;d"; __Host-other=3`)
  assert.equal(headers.cookie, 'a=1; b="c;d"; __Host-other=3')
  assert.equal((await arriving(house, cookie)).headers.cookie, undefined)
})

test('the application cannot set our cookies', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  house.upstream.answer = (_, res) => {
    const mine = [
      '__Host-latchkey=x; Path=/; Secure',
      '__HOST-latchkey-entry=x',
      '=__Host-latchkey=x',
      ' __Host-latchkey =x',
    ]
    res.setHeader('Set-Cookie', [...mine, 'app=1; Path=/', 'other=2'])
    res.setHeader('Strict-Transport-Security', 'max-age=1')
    res.end()
  }
  const answer = await house.send('/', { cookie })
  assert.deepEqual(answer.headers['set-cookie'], ['app=1; Path=/', 'other=2'])
  assert.equal(answer.headers['strict-transport-security'], 'max-age=1')
})

test('suspending the account ends access at the next request', async (t) => {
  const house = await openHouse(t)
  const cookie = await house.enter()
  assert.equal((await house.send('/', { cookie })).status, 200)
  await house.directory.setState('suspended')
  const answer = await house.send('/', { cookie })
  assert.equal(answer.status, 401)
  assert.equal(house.upstream.requests.length, 1)
})

test('a session of one browser is not opened by the code of another', async (t) => {
  const house = await openHouse(t)
  const victim = await beginAndSignIn(house)
  const attacker = cookieOf(await house.send('/', { headers: { accept: 'text/html' } }), '__Host-latchkey-entry')
  const answer = await house.send(`/.latchkey/enter?code=${victim.code}`, { cookie: attacker })
  assert.equal(JSON.parse(answer.body).error, 'handoff_invalid')
})
