import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionSource } from '../../../src/directory/account.ts'
import { referenceOf } from '../../../src/directory/sign-in.ts'
import { createDirectory } from '../../../src/store/postgres-directory.ts'
import type { Bench } from '../conformance.ts'
import { countStatements } from '../count-statements.ts'
import {
  fieldOf,
  grantOf,
  later,
  newEvent,
  newHash,
  newLoginRequest,
  newName,
  newPerson,
  now,
  queryFor,
  writesFor,
} from '../samples.ts'

export function signInCases(bench: () => Bench): void {
  test('a sign-in makes two round trips', async () => {
    const { pool, newConnection } = bench()
    const connection = await newConnection()
    const person = newPerson()
    const { counted, statements } = countStatements(pool)
    const directory = createDirectory(counted)
    for (const _ of ['first', 'second']) {
      statements.length = 0
      const state = await directory.readSignInState(queryFor(connection, person))
      assert.equal(await directory.applySignIn(writesFor(connection, person, state)), 'applied')
      assert.deepEqual(statements, ['sign_in_read_state', 'sign_in_apply'])
    }
  })

  test('the state of a stranger is empty but for the roles and the version of the connection', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const state = await directory.readSignInState(queryFor(connection, newPerson()))
    assert.deepEqual(
      { ...state, roles: state.roles.map(({ name }) => name) },
      { connectionVersion: 1, grants: [], roles: ['agent', 'latchkey-administrator'] },
    )
    await assert.rejects(directory.readSignInState({ ...queryFor(connection, newPerson()), organizationId: 'other' }), {
      code: 'connection_not_found',
    })
  })

  test('the state of a known person is what the last sign-in wrote, dates to the millisecond', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const person = newPerson()
    const writes = writesFor(connection, person)
    const expiresAt = later(86_400.789)
    await directory.applySignIn({ ...writes, account: { ...writes.account, expiresAt } })
    const state = await directory.readSignInState(queryFor(connection, person))
    assert.equal(state.account?.id, writes.account.id)
    assert.deepEqual(state.account?.fields, writes.account.fields)
    assert.deepEqual(state.account?.expiresAt, expiresAt)
    assert.deepEqual(
      state.grants.map(({ name }) => name),
      ['cn=Staff,ou=Ä', 'manager'],
    )
    assert.deepEqual(state.grants[1], writes.account.grantsAdded[0])
    assert.equal(state.usernameHolder, undefined)
  })

  test('another account that holds the user name is named, in the same organization only', async () => {
    const { directory, newConnection } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const person = newPerson()
    const writes = writesFor(connection, person)
    await directory.applySignIn(writes)
    const rival = { ...person, subjectKey: 'someone else' }
    const state = await directory.readSignInState(queryFor(connection, rival))
    assert.deepEqual(state.usernameHolder, { accountId: writes.account.id })
    assert.equal((await directory.readSignInState(queryFor(other, rival))).usernameHolder, undefined)
  })

  test('subject keys are compared byte for byte', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const keys = ['Key', 'key', 'key ', 'k\u00e9y', 'ke\u0301y', '%', 'ke_']
    for (const subjectKey of keys) {
      const person = { subjectKey, username: newName('person') }
      assert.equal((await directory.readSignInState(queryFor(connection, person))).account, undefined, subjectKey)
      assert.equal(await directory.applySignIn(writesFor(connection, person)), 'applied')
    }
    const ids = new Set<string | undefined>()
    for (const subjectKey of keys) {
      ids.add((await directory.readSignInState(queryFor(connection, { subjectKey, username: '-' }))).account?.id)
    }
    assert.equal(ids.size, keys.length)
    assert.ok(!ids.has(undefined))
  })

  test('a subject key of 2,048 bytes is kept, a longer one refused before and at the write', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const longest = { subjectKey: `${newHash()}${newHash().repeat(31)}`, username: newName('long') }
    assert.equal(longest.subjectKey.length, 2048)
    assert.equal(await directory.applySignIn(writesFor(connection, longest)), 'applied')
    const before = await countRows()
    const longer = { subjectKey: `${longest.subjectKey.slice(1)}é`, username: newName('longer') }
    await assert.rejects(directory.readSignInState(queryFor(connection, longer)), { code: 'subject_key_invalid' })
    await assert.rejects(directory.applySignIn(writesFor(connection, longer)), { code: 'subject_key_invalid' })
    assert.deepEqual(await countRows(), before)
  })

  test('a sign-in with changes raises the version once; one without only notes the time', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const person = newPerson()
    await directory.applySignIn(writesFor(connection, person))
    const read = () => directory.readSignInState(queryFor(connection, person))

    const plain = { ...writesFor(connection, person, await read()), now: later(10) }
    assert.equal(await directory.applySignIn(plain), 'applied')
    const untouched = (await read()).account
    assert.deepEqual([untouched?.version, untouched?.lastSignInAt, untouched?.updatedAt], [1, later(10), now])

    const changing = { ...writesFor(connection, person, await read()), now: later(20) }
    const account = {
      ...changing.account,
      username: `${person.username}.married`,
      usernameKey: `${changing.account.usernameKey}.married`,
      expiresAt: later(99),
      fields: { cn: null, title: fieldOf(connection.id, 'Lead') },
      grantsRemoved: [{ kind: 'role', name: 'manager', source: connectionSource(connection.id) } as const],
      grantsAdded: [grantOf(connection.id, 'role', 'agent', 'default-role')],
    }
    assert.equal(await directory.applySignIn({ ...changing, account }), 'applied')
    const state = await read()
    assert.equal(state.account?.version, 2)
    assert.equal(state.account?.username, account.username)
    assert.deepEqual(Object.keys(state.account?.fields ?? {}).sort(), ['mail', 'title'])
    assert.deepEqual(state.account?.updatedAt, later(20))
    assert.deepEqual(state.account?.createdAt, now)
    assert.deepEqual(
      state.grants.map(({ name, rule }) => [name, rule]),
      [
        ['cn=Staff,ou=Ä', 'assertion-group'],
        ['agent', 'default-role'],
      ],
    )
  })

  test('a sign-in takes back only what has the given source', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const person = newPerson()
    const first = writesFor(connection, person)
    const byHand = { ...grantOf(connection.id, 'role', 'manager', 'by hand'), source: 'manual' } as const
    const grantsAdded = [...first.account.grantsAdded, byHand, byHand]
    await directory.applySignIn({ ...first, account: { ...first.account, grantsAdded } })
    const second = writesFor(connection, person, await directory.readSignInState(queryFor(connection, person)))
    const grantsRemoved = [{ kind: 'role', name: 'manager', source: connectionSource(connection.id) } as const]
    await directory.applySignIn({ ...second, account: { ...second.account, grantsRemoved } })
    const { grants } = await directory.readSignInState(queryFor(connection, person))
    assert.deepEqual(
      grants.filter(({ kind }) => kind === 'role'),
      [byHand],
    )
  })

  test('an assertion is used once in its connection; a second use writes nothing', async () => {
    const { directory, newConnection, countRows } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const person = newPerson()
    const first = { ...writesFor(connection, person), assertion: { id: 'a'.repeat(5000), rememberUntil: later(300) } }
    await directory.applySignIn(first)
    const again = writesFor(connection, person, await directory.readSignInState(queryFor(connection, person)))
    const before = await countRows()
    await assert.rejects(directory.applySignIn({ ...again, assertion: first.assertion }), {
      code: 'assertion_replayed',
    })
    assert.deepEqual(await countRows(), before)
    assert.equal(await directory.applySignIn({ ...writesFor(other, person), assertion: first.assertion }), 'applied')
  })

  test('a login request is answered once, in time, at its own connection', async () => {
    const { directory, newConnection, countRows } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const handoff = { applicationId: 'portal', browserHash: newHash() }
    const request = newLoginRequest(connection, { handoff })
    await directory.beginLoginRequest(request)
    const person = newPerson()
    const state = await directory.readSignInState(queryFor(connection, person, request.id))
    assert.deepEqual(state.loginRequest, request)
    const elsewhere = await directory.readSignInState(queryFor(other, person, request.id))
    assert.equal(elsewhere.loginRequest, undefined)

    const unknown = { code: 'login_request_unknown' }
    const before = await countRows()
    const late = { ...writesFor(connection, person), loginRequestId: request.id, now: request.expiresAt }
    await assert.rejects(directory.applySignIn(late), unknown)
    await assert.rejects(directory.applySignIn({ ...writesFor(other, person), loginRequestId: request.id }), unknown)
    assert.deepEqual(await countRows(), before)

    const answered = { ...writesFor(connection, person, state), loginRequestId: request.id }
    assert.equal(await directory.applySignIn(answered), 'applied')
    const after = await countRows()
    const next = await directory.readSignInState(queryFor(connection, person, request.id))
    assert.equal(next.loginRequest, undefined)
    const twice = { ...writesFor(connection, person, next), loginRequestId: request.id }
    await assert.rejects(directory.applySignIn(twice), unknown)
    assert.deepEqual(await countRows(), after)
  })

  test('a user name taken by somebody else is a conflict, at the first sign-in and at a later one', async () => {
    const { directory, newConnection, countRows } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const [holder, rival] = [newPerson(), newPerson()]
    await directory.applySignIn(writesFor(connection, holder))
    await directory.applySignIn(writesFor(connection, rival))
    const before = await countRows()
    const stranger = { subjectKey: 'new', username: holder.username.toUpperCase() }
    await assert.rejects(directory.applySignIn(writesFor(connection, stranger)), { code: 'account_conflict' })
    const renamed = { ...rival, username: holder.username }
    const state = await directory.readSignInState(queryFor(connection, rival))
    await assert.rejects(directory.applySignIn(writesFor(connection, renamed, state)), { code: 'account_conflict' })
    assert.deepEqual(await countRows(), before)
    assert.equal(await directory.applySignIn(writesFor(other, holder)), 'applied')
  })

  test('a plan made for another state of the world is stale and writes nothing', async () => {
    const { directory, newConnection, countRows } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const person = newPerson()
    const { organizationId } = connection
    await directory.applySignIn(writesFor(connection, person))
    await directory.applySignIn(writesFor(other, person))
    const colleague = newPerson()
    await directory.applySignIn(writesFor(connection, colleague))
    const state = await directory.readSignInState(queryFor(connection, person))
    const good = writesFor(connection, person, state)
    const elsewhere = await directory.readSignInState(queryFor(other, person))

    let before = await countRows()
    const staleWrites = {
      'created meanwhile': writesFor(connection, person),
      'created meanwhile under another name': writesFor(connection, { ...person, username: newName('other') }),
      'connection changed': { ...good, connectionVersion: 2 },
      'account changed': { ...good, account: { ...good.account, expectedVersion: 9 } },
      'identity of nobody': { ...good, account: { ...good.account, subjectKey: 'other' } },
      'identity of somebody else': { ...good, account: { ...good.account, subjectKey: colleague.subjectKey } },
      'account of another organization': { ...good, account: writesFor(connection, person, elsewhere).account },
    }
    for (const [name, writes] of Object.entries(staleWrites)) {
      assert.equal(await directory.applySignIn(writes), 'stale', name)
      assert.deepEqual(await countRows(), before, name)
    }
    const suspension = { from: 'active', to: 'suspended' } as const
    await directory.setAccountState(organizationId, good.account.id, suspension, newEvent())
    const suspended = await directory.readSignInState(queryFor(connection, person))
    assert.equal(suspended.account?.state, 'suspended')
    before = await countRows()
    assert.equal(await directory.applySignIn(good), 'stale', 'suspended meanwhile')
    assert.equal(await directory.applySignIn(writesFor(connection, person, suspended)), 'stale', 'still suspended')
    assert.deepEqual(await countRows(), before)
  })

  test('a fault at the very last write leaves no row', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const done = writesFor(connection, newPerson())
    await directory.applySignIn(done)
    const request = newLoginRequest(connection)
    await directory.beginLoginRequest(request)
    const before = await countRows()
    const writes = { ...writesFor(connection, newPerson()), loginRequestId: request.id }
    const sameAttempt = { ...writes, attempt: { ...writes.attempt, id: done.attempt.id } }
    await assert.rejects(directory.applySignIn(sameAttempt), { code: 'internal' })
    const malformed = { ...writes, attempt: { ...writes.attempt, at: new Date(Number.NaN) } }
    await assert.rejects(directory.applySignIn(malformed), { code: 'internal' })
    assert.deepEqual(await countRows(), before)
    assert.equal(await directory.applySignIn(writes), 'applied')
  })

  test('a browser keeps its 16 latest login requests of a connection', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const browserHash = newHash()
    const requests = Array.from({ length: 20 }, (_, second) =>
      newLoginRequest(connection, { browserHash, createdAt: later(second), returnTo: '/' }),
    )
    const ofAnother = newLoginRequest(connection)
    await directory.beginLoginRequest(ofAnother)
    for (const request of requests) await directory.beginLoginRequest(request)
    const found: boolean[] = []
    for (const { id } of [ofAnother, ...requests]) {
      found.push('loginRequest' in (await directory.readSignInState(queryFor(connection, newPerson(), id))))
    }
    assert.deepEqual(found, [true, ...Array(4).fill(false), ...Array(16).fill(true)])
  })

  test('a connection with 10,000 pending login requests takes no further, until they expire', async () => {
    const { pool, directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    await pool.query(
      `
      insert into login_request (
        organization_id, connection_id, id, browser_hash, return_to, created_at, expires_at
      )
      select $1, $2, 'r' || n, 'b' || n, '/', $3, $4
      from generate_series(1, 10000) as n`,
      [connection.organizationId, connection.id, now, later(600)],
    )
    const before = await countRows()
    await assert.rejects(directory.beginLoginRequest(newLoginRequest(connection)), {
      code: 'login_requests_exhausted',
    })
    assert.deepEqual(await countRows(), before)
    await directory.beginLoginRequest(
      newLoginRequest(connection, { createdAt: later(600), expiresAt: later(1200), returnTo: '/' }),
    )
    await pool.query('delete from login_request where connection_id = $1', [connection.id])
    await assert.rejects(directory.beginLoginRequest({ ...newLoginRequest(connection), connectionId: 'missing' }), {
      code: 'connection_not_found',
    })
  })

  test('an attempt is found by its reference however it is written down, and listed the newest first', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const { accountId: _, ...accepted } = writesFor(connection, newPerson()).attempt
    const refused = { ...writesFor(connection, newPerson()).attempt, outcome: 'refused', code: 'saml_expired' } as const
    await directory.recordAttempt(accepted)
    await directory.recordAttempt(refused)
    const reference = referenceOf(refused.id)
    for (const written of [reference, reference.toUpperCase(), reference.replaceAll('-', ''), refused.id]) {
      assert.deepEqual(await directory.findAttempt(written), refused)
    }
    assert.deepEqual(await directory.findAttempt(accepted.id), accepted)
    assert.equal(await directory.findAttempt('nothing'), undefined)
    const { organizationId } = connection
    assert.deepEqual(await directory.listAttempts({ organizationId, limit: 9 }), [refused, accepted])
    assert.deepEqual(await directory.listAttempts({ organizationId, limit: 1 }), [refused])
    assert.deepEqual(await directory.listAttempts({ organizationId, outcome: 'accepted', limit: 9 }), [accepted])
    assert.deepEqual(await directory.listAttempts({ organizationId, connectionId: 'other', limit: 9 }), [])
  })
}
