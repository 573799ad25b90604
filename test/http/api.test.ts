import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { type CommandName, commands } from '../../src/admin/commands.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { type Operation, operations } from '../../src/http/api/operations.ts'
import { until } from '../support/until.ts'
import {
  type ApiAsk,
  type ApiWorld,
  ada,
  assertPrivate,
  assertProblem,
  bob,
  openApiWorld,
} from './support/api-world.ts'

/** What only the command line does: tokens, keys and ways in that could outlive the token that made them. */
const onlyByCommandLine: readonly CommandName[] = [
  'token.create',
  'token.list',
  'token.revoke',
  'key.next',
  'key.promote',
  'break-glass.create',
  'break-glass.show',
  'break-glass.codes',
  'break-glass.enrol',
  'break-glass.remove-passkey',
  'break-glass.remove',
]
/** A page of it; the API turns the pages itself. */
const withinAnother: readonly CommandName[] = ['connection.replay']

/** Values for what stands in addresses: things of company-a, which the token of company-b must not find. */
const things: Readonly<Record<string, string>> = {
  id: 'company-a',
  account: 'ada',
  role: 'manager',
  domain: 'company-a.example',
  view: 'partner',
}

/** A body that the schema takes, so that only the token can be what is refused. */
const bodies: Partial<Record<Operation['command'], Readonly<Record<string, unknown>>>> = {
  'organization.create': { id: 'company-c' },
  'organization.set': { name: 'A' },
  'role.create': { organization: 'company-a', name: 'auditor' },
  'connection.add': { id: 'c', metadata: { text: '<x/>' } },
  'connection.preview': { person: { nameId: { value: 'x' } } },
  'connection.replayWhole': { draft: { change: {} } },
  'connection.draft': { draft: null },
  'connection.rollback': { version: 1 },
  'account.relink': { attempt: 'aaaa-bbbb-cccc' },
  'account.grant': { role: 'manager' },
  'domain.add': { organization: 'company-a', domain: 'company-a.example' },
  'declaration.apply': { declaration: {} },
}
const queries: Partial<Record<Operation['command'], string>> = {
  'account.why': 'what=manager',
  'role.list': 'organization=company-a',
  'account.list': 'organization=company-a',
  'account.requests': 'organization=company-a',
  'domain.list': 'organization=company-a',
  'attempt.list': 'organization=company-a',
  'connection.list': 'organization=company-a',
  'break-glass.list': 'organization=company-a',
}

function addressOf({ path, method, command }: Operation, reference: string): string {
  const filled = path.replace(/:([a-z]+)/g, (_, name: string) =>
    name === 'reference' ? reference : (things[name] ?? name),
  )
  const query = queries[command]
  return `/api/v1${filled}${query !== undefined && method === 'GET' ? `?${query}` : ''}`
}

function bodyOf({ method, command }: Operation): Pick<ApiAsk, 'json'> {
  return method === 'GET' || method === 'DELETE' ? {} : { json: bodies[command] ?? {} }
}

test('every command of administration is in the API, but those that only the command line has', () => {
  const inApi = new Set<string>(operations.map(({ command }) => command))
  const missing = Object.keys(commands).filter((name) => !inApi.has(name))
  assert.deepEqual(missing.sort(), [...onlyByCommandLine, ...withinAnother].sort())
})

test('every operation that writes wants the scope `write`, and what reveals wants a token that may', () => {
  for (const { command, scope, reveals } of operations) {
    if (command === 'connection.replayWhole') assert.equal(reveals, 'always')
    else if (command.endsWith('.reveal')) assert.equal(reveals, 'always')
    else if (commands[command].writes) assert.equal(scope, 'write', command)
  }
})

function assertSame(contents: string, before: string): void {
  const known = new Set(before.split('\n'))
  assert.deepEqual(
    contents.split('\n').filter((line) => !known.has(line)),
    [],
  )
  assert.equal(contents.length, before.length)
}

for (const kind of ['embedded', 'served'] as const) {
  describe(`the API over HTTP (${kind})`, () => {
    const closers: (() => Promise<void>)[] = []
    let opened: ApiWorld | undefined
    let adaAttempt = ''
    before(async () => {
      opened = await openApiWorld({ after: (close) => void closers.push(close) }, kind)
      adaAttempt = await opened.signIn('company-a', ada)
      await opened.signIn('company-b', bob)
      const { pool } = opened
      await until(async () => {
        const { rows } = await pool.query<{ kept: number }>('select count(*)::integer as kept from sign_in_input')
        return rows[0]?.kept === 2
      })
    })
    after(async () => {
      for (const close of closers.reverse()) await close()
    })
    const world = (): ApiWorld => {
      if (!opened) throw new Error('the server did not start')
      return opened
    }
    const lastEvents = async (count: number) => {
      const { rows } = await world().pool.query<{ actor: string; action: string; target: string }>(
        'select actor, action, target from audit_event order by id desc limit $1',
        [count],
      )
      return rows.map(({ actor, action }) => `${actor} ${action}`)
    }

    test('who comes without a good token is refused alike, and nothing is written', async () => {
      const { ask, run, tokens, contents, pool } = world()
      const ended = (await run('token.create', { name: 'ended', expiresDays: 1 })).token
      await pool.query("update api_token set expires_at = now() - interval '1 second' where name = 'ended'")
      const revoked = (await run('token.create', { name: 'revoked' })).token
      assert.equal((await ask('GET', '/api/v1/organizations', { token: revoked })).status, 200)
      await run('token.revoke', { name: 'revoked' })
      const before = await contents()
      const wrong = `${tokens.read.slice(0, -1)}${tokens.read.endsWith('A') ? 'B' : 'A'}`
      const tries: readonly (readonly [ApiAsk, ErrorCode])[] = [
        [{}, 'api_token_required'],
        [
          { headers: { authorization: `Basic ${Buffer.from(`x:${tokens.read}`).toString('base64')}` } },
          'api_token_required',
        ],
        [{ headers: { authorization: tokens.read } }, 'api_token_required'],
        [{ headers: { Authorization: [`Bearer ${tokens.read}`, `Bearer ${tokens.write}`] } }, 'api_token_required'],
        [{ headers: { cookie: `token=${tokens.read}; authorization=Bearer ${tokens.read}` } }, 'api_token_required'],
        [{ headers: { 'x-api-key': tokens.read } }, 'api_token_required'],
        [{ token: '' }, 'api_token_required'],
        [{ token: 'x' }, 'api_token_invalid'],
        [{ token: wrong }, 'api_token_invalid'],
        [{ token: `${tokens.read}A` }, 'api_token_invalid'],
        [{ token: tokens.read.toUpperCase() }, 'api_token_invalid'],
        [{ token: 'a'.repeat(30_000) }, 'api_token_invalid'],
        [{ token: ended }, 'api_token_invalid'],
        [{ token: revoked }, 'api_token_invalid'],
      ]
      for (const [wish, code] of tries) {
        const answer = await ask('GET', '/api/v1/organizations', wish)
        assertProblem(answer, code)
        assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer realm="latchkey"/)
        assert.equal(answer.json.arrived, undefined)
      }
      assertProblem(await ask('GET', `/api/v1/organizations?access_token=${tokens.read}`), 'api_token_required')
      assertSame(await contents(), before)
    })

    test('a token that may only read is refused by everything that writes, and nothing is written', async () => {
      const { ask, tokens, contents } = world()
      await ask('GET', '/api/v1/organizations', { token: tokens.read })
      const before = await contents()
      const writing = operations.filter(({ scope, reveals }) => scope === 'write' || reveals === 'always')
      assert.ok(writing.length > 20)
      for (const operation of writing) {
        const answer = await ask(operation.method, addressOf(operation, adaAttempt), {
          token: tokens.read,
          ...bodyOf(operation),
        })
        assertProblem(answer, 'api_scope_insufficient')
      }
      assertSame(await contents(), before)
    })

    test("a token of one organization finds nothing of another's: 404 and never 403, and nothing is written", async () => {
      const { ask, tokens, contents } = world()
      await ask('GET', '/api/v1/organizations', { token: tokens.ofB })
      const before = await contents()
      const notFound = /^(?:organization|connection|account|attempt|domain|role)_not_found$/
      for (const operation of operations) {
        const answer = await ask(operation.method, addressOf(operation, adaAttempt), {
          token: tokens.ofB,
          ...bodyOf(operation),
        })
        if (operation.isInstallationWide) assertProblem(answer, 'api_scope_insufficient')
        else if (operation.command === 'organization.list') {
          assert.deepEqual(
            answer.json.result.map(({ id }: { id: string }) => id),
            ['company-b'],
          )
        } else {
          assert.equal(answer.status, 404, `${operation.command} ${answer.text}`)
          assert.match(answer.json.code, notFound, operation.command)
        }
        assert.doesNotMatch(answer.text, /ada-1815|Lovelace|badge/)
      }
      assertSame(await contents(), before)
    })

    test('the same token does its work in its own organization, without naming it', async () => {
      const { ask, tokens } = world()
      const token = tokens.ofB
      const { json } = await ask('GET', '/api/v1/accounts', { token })
      assert.deepEqual(
        json.result.map(({ username }: { username: string }) => username),
        ['bob'],
      )
      const connections = (await ask('GET', '/api/v1/connections', { token })).json.result
      assert.deepEqual(
        connections.map(({ id }: { id: string }) => id),
        ['company-b'],
      )
      const set = await ask('PATCH', '/api/v1/connections/company-b', {
        token,
        json: { settings: { clockSkewSeconds: 5 } },
      })
      assert.deepEqual(set.json.result.changes, [{ path: 'settings.clockSkewSeconds', before: 60, after: 5 }])
      assert.deepEqual(await lastEvents(1), ['token:of-b connection.updated'])
      const { connection } = await world().run('connection.show', { id: 'company-b' })
      assert.equal(connection.settings.clockSkewSeconds, 5)
    })

    test('no token makes the server fetch metadata where its holder may not', async () => {
      const { ask, tokens } = world()
      const draft = { metadata: { url: 'https://internal.example/metadata' } }
      const json = { person: { nameId: { value: 'x' } }, draft }
      const path = '/api/v1/connections/company-a/preview'
      assertProblem(await ask('POST', path, { token: tokens.read, json }), 'api_scope_insufficient')
      const metadata = { url: 'http://127.0.0.1:1/metadata' }
      const set = { token: tokens.ofA, json: { metadata } }
      assertProblem(await ask('PATCH', '/api/v1/connections/company-a', set), 'api_scope_insufficient')
      const file = { token: tokens.write, json: { metadata: { file: '/etc/hostname' } } }
      const answer = await ask('PATCH', '/api/v1/connections/company-a', file)
      assertProblem(answer, 'input_invalid')
    })

    test('preview: a pasted response, a typed person and a captured attempt, under the configuration in force and a draft', async () => {
      const { ask, tokens, issue, contents } = world()
      const path = '/api/v1/connections/company-a/preview'
      const before = await contents()
      const response = issue('company-a', { ...ada, attributes: { ...ada.attributes, cn: 'Ada King' } })
      const pasted = await ask('POST', path, { token: tokens.read, json: { response } })
      assert.equal(pasted.status, 200, pasted.text)
      assertPrivate(pasted)
      assert.equal(pasted.json.result.outcome, 'accepted')
      assert.equal(pasted.json.result.match.account.username, 'ada')
      assert.deepEqual(
        pasted.json.result.plan.fields.map(({ field, before: was, after: next }: never) => [
          field,
          Reflect.get(was, 'values'),
          Reflect.get(next, 'values'),
        ]),
        [['cn', ['Ada Lovelace'], ['Ada King']]],
      )
      const draft = { change: { idpManagedRoles: false } }
      const person = { nameId: { value: 'new-1' }, attributes: { uid: 'grace', role: 'manager' } }
      const typed = await ask('POST', path, { token: tokens.read, json: { person, draft } })
      assert.equal(typed.json.result.isDraft, true)
      assert.equal(typed.json.result.plan.kind, 'create')
      assertSame(await contents(), before)
      const stored = await ask('POST', path, { token: tokens.read, json: { person, draft: 'stored' } })
      assertProblem(stored, 'connection_draft_missing')
      const attempt = { token: tokens.read, json: { attempt: adaAttempt } }
      assertProblem(await ask('POST', path, attempt), 'api_scope_insufficient')
      assertSame(await contents(), before)
      const captured = await until(async () => {
        const answer = await ask('POST', path, { ...attempt, token: tokens.reveal })
        return answer.status === 200 ? answer : undefined
      })
      assert.equal(captured.json.result.match.account.username, 'ada')
      assert.deepEqual(await lastEvents(1), ['token:revealer attempt.revealed'])
    })

    test('what is declared sensitive is masked until a token that may reveals it, which is recorded', async () => {
      const { ask, tokens, issue } = world()
      const shown = await ask('GET', '/api/v1/accounts/ada?organization=company-a', { token: tokens.read })
      assert.deepEqual(shown.json.result.account.fields.badge.values, ['•••'])
      const why = await ask('GET', '/api/v1/accounts/ada/why?what=badge&organization=company-a', { token: tokens.read })
      assert.deepEqual(why.json.result.reasons[0].values, ['•••'])
      const json = { response: issue('company-a', ada) }
      const path = '/api/v1/connections/company-a/preview'
      assert.doesNotMatch((await ask('POST', path, { token: tokens.reveal, json })).text, /4711/)
      const refused = await ask('POST', path, { token: tokens.read, json: { ...json, reveal: true } })
      assertProblem(refused, 'api_scope_insufficient')
      const revealed = await ask('POST', path, { token: tokens.reveal, json: { ...json, reveal: true } })
      assert.match(revealed.text, /4711/)
      assert.deepEqual(await lastEvents(1), ['token:revealer account.revealed'])
      const account = await ask('POST', '/api/v1/accounts/ada/reveal', { token: tokens.ofA })
      assert.deepEqual(account.json.result.account.fields.badge.values, ['4711'])
      assert.deepEqual(await lastEvents(1), ['token:of-a account.revealed'])
    })

    test('provenance: why an account has a role, from which rule and assertion, since when', async () => {
      const { ask, tokens } = world()
      const { json } = await ask('GET', '/api/v1/accounts/ada/why?what=manager', { token: tokens.ofA })
      const [reason] = json.result.reasons
      assert.equal(reason.source, 'connection:company-a')
      assert.equal(reason.attempt.reference, adaAttempt)
      assert.ok(reason.attempt.assertion)
      assert.ok(Date.parse(reason.since) > 0)
      const impact = await ask('GET', '/api/v1/connections/company-a/impact?limit=5', { token: tokens.ofA })
      assert.equal(impact.json.result.connection, 'company-a')
    })

    test('an attempt is listed, and explained to administrator, partner and person', async () => {
      const { ask, tokens } = world()
      const listed = await ask('GET', '/api/v1/attempts?organization=company-a&limit=1&outcome=accepted', {
        token: tokens.read,
      })
      assert.equal(listed.json.result[0].reference, adaAttempt)
      const full = await ask('GET', `/api/v1/attempts/${adaAttempt}`, { token: tokens.read })
      assert.equal(full.json.result.revealed, false)
      assert.ok(full.json.result.trace.length > 3)
      const partner = await ask('GET', `/api/v1/attempts/${adaAttempt}/views/partner`, { token: tokens.read })
      assert.equal(partner.json.result.identityProvider, 'http://company-a.localhost:4401/metadata')
      assert.equal(partner.json.result.trace, undefined)
      const person = await ask('GET', `/api/v1/attempts/${adaAttempt}/views/person`, { token: tokens.read })
      assert.deepEqual(Object.keys(person.json.result).sort(), ['at', 'outcome', 'reference', 'sentence', 'view'])
      assertProblem(
        await ask('GET', `/api/v1/attempts/${adaAttempt}/views/all`, { token: tokens.read }),
        'input_invalid',
      )
      const revealed = await ask('POST', `/api/v1/attempts/${adaAttempt}/reveal`, { token: tokens.reveal })
      assert.equal(revealed.json.result.revealed, true)
      assert.deepEqual(await lastEvents(1), ['token:revealer attempt.revealed'])
    })

    test('replay: how far it is, line by line, and what would change for whom', async () => {
      const { ask, tokens } = world()
      const json = { draft: { change: { idpManagedRoles: false } } }
      const path = '/api/v1/connections/company-a/replay'
      const answer = await until(async () => {
        const asked = await ask('POST', path, { token: tokens.reveal, json })
        return asked.json.at(-1)?.result?.summary.people === 1 ? asked : undefined
      })
      assert.match(answer.headers['content-type'] ?? '', /^application\/x-ndjson\b/)
      assertPrivate(answer)
      assert.deepEqual(answer.json[0], { progress: { done: 1, total: 1 } })
      const { result } = answer.json.at(-1)
      assert.match(result.text, /^1 of 1 people would change: 1 lose role manager/)
      assert.deepEqual(
        result.changes.map(({ username }: { username: string }) => username),
        ['ada'],
      )
      assert.deepEqual(await lastEvents(1), ['token:revealer connection.replayed'])
      const bad = { draft: { change: { idpManagedRolez: false } } }
      assertProblem(await ask('POST', path, { token: tokens.reveal, json: bad }), 'input_invalid')
    })

    test('an account is suspended, its session ends at once, and is given back; each under the name of the token', async () => {
      const { ask, tokens, run } = world()
      const done = await ask('POST', '/api/v1/accounts/bob/suspend', { token: tokens.ofB })
      assert.equal(done.json.result.sessionsEnded, 1)
      assert.deepEqual(await lastEvents(1), ['token:of-b account.suspended'])
      assert.equal(
        (await run('account.show', { organization: 'company-b', account: 'bob' })).account.state,
        'suspended',
      )
      await ask('POST', '/api/v1/accounts/bob/reinstate', { token: tokens.ofB })
      const granted = await ask('POST', '/api/v1/accounts/bob/roles', { token: tokens.ofB, json: { role: 'agent' } })
      assert.equal(granted.json.result.changed, true)
      const revoked = await ask('DELETE', '/api/v1/accounts/bob/roles/agent', { token: tokens.ofB })
      assert.equal(revoked.json.result.changed, true)
    })

    test('bodies that could be read in two ways, or not at all, are refused and change nothing', async () => {
      const { ask, tokens, contents } = world()
      const before = await contents()
      const token = tokens.write
      const json = { 'content-type': 'application/json' }
      const path = '/api/v1/connections/company-a'
      const hostile: readonly (readonly [string, ApiAsk, ErrorCode])[] = [
        ['a name twice', { body: '{"name":"a","name":"b"}' }, 'request_invalid'],
        ['a name twice, one escaped', { body: '{"name":"a","n\\u0061me":"b"}' }, 'request_invalid'],
        ['a name twice, deep', { body: '{"settings":{"a":[{"b":1,"b":2}]}}' }, 'request_invalid'],
        ['__proto__', { body: '{"__proto__":{"name":"x"}}' }, 'request_invalid'],
        [
          '__proto__, deep and escaped',
          { body: '{"settings":{"\\u005f_proto__":{"jitProvisioning":false}}}' },
          'request_invalid',
        ],
        ['constructor', { body: '{"constructor":{"prototype":{"name":"x"}}}' }, 'input_invalid'],
        ['constructor among settings', { body: '{"settings":{"constructor":1}}' }, 'input_invalid'],
        ['a member nobody knows', { body: '{"nam":"x"}' }, 'input_invalid'],
        ['another id than the address', { body: '{"id":"company-b","name":"x"}' }, 'request_invalid'],
        ['a number', { body: '{"name":7}' }, 'input_invalid'],
        ['null', { body: 'null' }, 'request_invalid'],
        ['a list', { body: '[]' }, 'request_invalid'],
        ['a text', { body: '"x"' }, 'request_invalid'],
        ['no JSON', { body: '{name:1}' }, 'request_invalid'],
        ['two values', { body: '{} {}' }, 'request_invalid'],
        ['a byte order mark', { body: '\ufeff{}' }, 'request_invalid'],
        ['UTF-16', { body: Buffer.from('{"name":"x"}', 'utf16le') }, 'request_invalid'],
        ['broken UTF-8', { body: Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x7d]) }, 'request_invalid'],
        ['very deep', { body: `{"settings":${'{"a":'.repeat(5000)}1${'}'.repeat(5000)}}` }, 'request_invalid'],
        ['very many brackets', { body: '['.repeat(1_000_000) }, 'request_invalid'],
        ['too large', { body: `{"name":"${'x'.repeat(2 * 1024 * 1024)}"}` }, 'request_too_large'],
        ['a NUL', { body: '{"name":"a\\u0000b"}' }, 'input_invalid'],
        ['a lone surrogate in an id', { body: '{"serviceProviderEntityId":"\\ud800\\u0000"}' }, 'input_invalid'],
      ]
      for (const [what, wish, code] of hostile) {
        const answer = await ask('PATCH', path, { token, headers: json, ...wish })
        assert.equal(answer.json?.code, code, `${what}: ${answer.status} ${answer.text.slice(0, 300)}`)
        assertProblem(answer, code)
      }
      for (const type of [
        'text/plain',
        'application/x-www-form-urlencoded',
        'application/json; charset=utf-16',
        'multipart/form-data; boundary=x',
      ]) {
        const wish = { token, body: '{"name":"x"}', headers: { 'content-type': type } }
        assertProblem(await ask('PATCH', path, wish), 'content_type_unsupported')
      }
      const packed = { token, body: '{"name":"x"}', headers: { ...json, 'content-encoding': 'gzip' } }
      assertProblem(await ask('PATCH', path, packed), 'content_type_unsupported')
      assertSame(await contents(), before)
    })

    test('queries and addresses that could be read in two ways, or not at all, are refused', async () => {
      const { ask, tokens } = world()
      const token = tokens.read
      const paths: readonly (readonly [string, ErrorCode])[] = [
        ['/api/v1/accounts?limit=5&limit=6', 'request_invalid'],
        ['/api/v1/accounts?organization=company-a&limit=0', 'input_invalid'],
        ['/api/v1/accounts?organization=company-a&limit=1e3', 'input_invalid'],
        ['/api/v1/accounts?organization=company-a&limit=99999999999999999999', 'input_invalid'],
        ['/api/v1/accounts?__proto__=x', 'input_invalid'],
        ['/api/v1/accounts?constructor=x', 'input_invalid'],
        ['/api/v1/accounts?organization[]=company-a', 'input_invalid'],
        ['/api/v1/accounts', 'input_invalid'],
        ['/api/v1/accounts/ada?account=bob', 'request_invalid'],
        ['/api/v1/accounts/%00?organization=company-a', 'input_invalid'],
        ['/api/v1/accounts/%ff?organization=company-a', 'request_invalid'],
        [`/api/v1/accounts/${'x'.repeat(2000)}?organization=company-a`, 'input_invalid'],
        ['/api/v1/connections/..%2f..%2fetc', 'input_invalid'],
        ['/api/v1/connections/__proto__', 'input_invalid'],
        ['/api/v1/connections/nobody', 'connection_not_found'],
        ['/api/v1/problems/__proto__', 'not_found'],
        ['/api/v1/nothing', 'not_found'],
        ['/api/v1/', 'not_found'],
        ['/api/v1', 'not_found'],
        ['/api', 'not_found'],
        ['/api/v2/accounts', 'not_found'],
        ['/api/v1/Accounts', 'not_found'],
        ['/api/v1/accounts/', 'input_invalid'],
      ]
      for (const [path, code] of paths) {
        const answer = await ask('GET', path, { token })
        assert.equal(answer.json?.code, code, `${path}: ${answer.status} ${answer.text}`)
        assertProblem(answer, code)
      }
      const query = { token: tokens.write, json: {} }
      assertProblem(await ask('POST', '/api/v1/accounts/ada/suspend?organization=company-a', query), 'request_invalid')
      const body = { token: tokens.write, json: { organization: 'company-a' } }
      assertProblem(await ask('DELETE', '/api/v1/domains/company-a.example', body), 'request_invalid')
    })

    test('a method that an address does not answer is refused with those it does, however it is dressed up', async () => {
      const { ask, tokens, contents } = world()
      await ask('GET', '/api/v1/organizations', { token: tokens.write })
      const before = await contents()
      const token = tokens.write
      const path = '/api/v1/accounts/ada/suspend'
      for (const method of ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const answer = await ask(method, path, { token })
        assert.equal(answer.status, 405, method)
        assert.equal(answer.headers.allow, 'POST')
        assertPrivate(answer)
      }
      const override = {
        token,
        headers: { 'x-http-method-override': 'POST', 'x-method-override': 'POST', origin: 'https://evil.example' },
      }
      assert.equal((await ask('GET', path, override)).status, 405)
      assert.ok([404, 405].includes((await ask('TRACE', path, { token })).status))
      const preflight = await ask('OPTIONS', '/api/v1/accounts', {
        headers: { origin: 'https://evil.example', 'access-control-request-method': 'GET' },
      })
      assert.equal(preflight.status, 405)
      assertPrivate(preflight)
      assertSame(await contents(), before)
    })

    test('the last use of a token is known to the hour, and the log names the token without telling it', async () => {
      const { run, ask, tokens } = world()
      await ask('GET', '/api/v1/organizations', { token: tokens.read })
      const reader = (await run('token.list', {})).find(({ name }) => name === 'reader')
      assert.match(reader?.lastUsedAt ?? '', /:00:00\.000Z$/)
      assert.doesNotMatch(await world().contents(), new RegExp(tokens.read))
    })

    test('the document of the API names every operation, and is there for anybody', async () => {
      const { ask } = world()
      const answer = await ask('GET', '/api/v1/openapi.json')
      assert.equal(answer.status, 200)
      assertPrivate(answer)
      assert.equal(answer.json.openapi, '3.1.0')
      const problem = await ask('GET', '/api/v1/problems/account_not_found')
      assert.equal(problem.json.status, 404)
    })
  })
}

test('when so many requests are at work, the next is told to try again, and the work goes on afterwards', async (t) => {
  const { pool, ask, tokens } = await openApiWorld(t, 'served')
  const holder = await pool.connect()
  const path = '/api/v1/roles?organization=company-a'
  try {
    await holder.query('begin')
    await holder.query('lock table role in access exclusive mode')
    const waiting = Array.from({ length: 8 }, () => ask('GET', path, { token: tokens.read }))
    await until(async () => {
      const { rows } = await pool.query<{ count: number }>(
        "select count(*)::integer as count from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
      )
      return rows[0]?.count === 8
    })
    const answer = await ask('GET', path, { token: tokens.read })
    assertProblem(answer, 'api_busy')
    assert.equal(answer.headers['retry-after'], '1')
    await holder.query('rollback')
    for (const { status } of await Promise.all(waiting)) assert.equal(status, 200)
  } finally {
    await holder.query('rollback')
    holder.release()
  }
  assert.equal((await ask('GET', path, { token: tokens.read })).status, 200)
})
