import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuidv7 } from 'uuidv7'
import { type AccountState, type Grant, normalForm } from '../../../src/directory/account.ts'
import type { Directory } from '../../../src/directory/directory.ts'
import { type LocalEntry, localAccountId, localConnectionId } from '../../../src/directory/local-administrator.ts'
import { administratorRole } from '../../../src/directory/role.ts'
import type { Bench } from '../conformance.ts'
import { grantOf, later, newEvent, newHash, newName, newPerson, now, queryFor, writesFor } from '../samples.ts'

const administration: Grant = { kind: 'role', name: administratorRole, source: 'manual', rule: 'cli', since: now }

async function newLocal(directory: Directory, organizationId: string, codes = 2) {
  const wanted = {
    organizationId,
    accountId: localAccountId(uuidv7()),
    username: newName('Vault'),
    grants: [administration],
    codes: Array.from({ length: codes }, (_, index) => ({ number: index + 1, codeHash: newHash() })),
    enrolment: { codeHash: newHash(), expiresAt: later(600) },
    createdAt: now,
  }
  await directory.createLocalAdministrator(wanted, newEvent('break_glass.created'))
  return wanted
}

type Local = Awaited<ReturnType<typeof newLocal>>

function entryOf({ organizationId, accountId }: Local, proof: LocalEntry['proof']): LocalEntry {
  const connectionId = localConnectionId(organizationId)
  return {
    organizationId,
    accountId,
    proof,
    session: { id: uuidv7(), tokenHash: newHash(), expiresAt: later(3600) },
    event: { ...newEvent('break_glass.entered'), target: `account:${accountId}` },
    attempt: { id: uuidv7(), organizationId, connectionId, at: now, outcome: 'accepted', accountId, trace: [] },
    now,
  }
}

const limits = { idleSeconds: 1800, absoluteSeconds: 36_000 }

export function localAdministratorCases(bench: () => Bench): void {
  test('a local administrator is an account with codes, a link and the roles given, and signs in with each code once', async () => {
    const { directory, pool, newConnection } = bench()
    const { organizationId } = await newConnection()
    const local = await newLocal(directory, organizationId)
    const found = await directory.findLocalAdministrator(organizationId, local.username.toUpperCase())
    assert.deepEqual(found, {
      organizationId,
      accountId: local.accountId,
      username: local.username,
      state: 'active',
      createdAt: now,
      enrolmentExpiresAt: later(600),
      codes: [1, 2].map((number) => ({ number, createdAt: now })),
      passkeys: [],
    })
    assert.deepEqual(await directory.listLocalAdministrators(organizationId), [found])
    const [first] = local.codes
    assert.ok(first)
    const query = { codeHash: first.codeHash, usernameKey: normalForm(local.username) }
    const holder = { organizationId, accountId: local.accountId, username: local.username, state: 'active' }
    assert.deepEqual(await directory.findRecoveryCode(query), { holder, named: holder })
    assert.deepEqual(await directory.findRecoveryCode({ codeHash: '', usernameKey: 'nobody' }), {})

    const entries = Array.from({ length: 4 }, () => entryOf(local, { codeHash: first.codeHash }))
    const outcomes = await Promise.all(entries.map((entry) => directory.enterLocally(entry)))
    assert.deepEqual(
      outcomes.filter((outcome) => outcome !== 'stale'),
      [{ codesLeft: 1 }],
      'one of four wins',
    )
    const winner = entries[outcomes.findIndex((outcome) => outcome !== 'stale')]
    assert.ok(winner)
    const session = await directory.findSession(winner.session.tokenHash, { now, limits })
    assert.equal(session?.session.connectionId, `break-glass:${organizationId}`)
    assert.deepEqual(session.grants, [administration])
    const after = await directory.findLocalAdministrator(organizationId, local.accountId)
    assert.deepEqual([after?.codes[0]?.usedAt, after?.codes[1]?.usedAt, after?.lastSignInAt], [now, undefined, now])
    const target = `account:${local.accountId}`
    const { rows } = await pool.query('select action, detail from audit_event where target = $1', [target])
    assert.deepEqual(rows, [{ action: 'break_glass.entered', detail: { ...winner.event.detail, codesLeft: 1 } }])
    assert.equal((await directory.findAttempt(winner.attempt.id))?.outcome, 'accepted')
  })

  test('what does not count lets nobody in and writes nothing: a code of another, a suspended account, a removed one', async () => {
    const { directory, newConnection, countRows } = bench()
    const { organizationId } = await newConnection()
    const [local, other] = [await newLocal(directory, organizationId), await newLocal(directory, organizationId)]
    const codeOf = ({ codes }: Local) => ({ codeHash: codes[0]?.codeHash ?? '' })
    const refused = async (entry: LocalEntry) => {
      const before = await countRows()
      assert.equal(await directory.enterLocally(entry), 'stale')
      assert.deepEqual(await countRows(), before)
    }
    await refused(entryOf(local, codeOf(other)))
    const set = (from: AccountState, to: AccountState) =>
      directory.setAccountState(organizationId, local.accountId, { from, to }, newEvent())
    await set('active', 'suspended')
    await refused(entryOf(local, codeOf(local)))
    await set('suspended', 'active')
    const codes = [{ number: 1, codeHash: newHash() }]
    await directory.replaceRecoveryCodes(local, codes, newEvent())
    await refused(entryOf(local, codeOf(local)))
    await directory.removeLocalAdministrator(local, newEvent())
    await refused(entryOf(local, { codeHash: codes[0]?.codeHash ?? '' }))
    assert.equal(await directory.findAccount(organizationId, local.accountId), undefined)
    for (const act of [
      () => directory.removeLocalAdministrator(local, newEvent()),
      () => directory.replaceRecoveryCodes(local, codes, newEvent()),
      () => directory.offerEnrolment(local, local.enrolment, newEvent()),
    ]) {
      const before = await countRows()
      await assert.rejects(act, { code: 'account_not_local' })
      assert.deepEqual(await countRows(), before)
    }
  })

  test('a link registers one passkey, and the passkey counts on: a counter or a challenge that was there opens nothing', async () => {
    const { directory, newConnection, countRows } = bench()
    const { organizationId } = await newConnection()
    const local = await newLocal(directory, organizationId)
    const { accountId, enrolment } = local
    assert.deepEqual((await directory.findEnrolment(enrolment.codeHash, now))?.accountId, accountId)
    assert.equal(await directory.findEnrolment(enrolment.codeHash, enrolment.expiresAt), undefined)
    const credentialId = newName('credential')
    const passkey = { credentialId, name: 'Key', publicKey: 'pQECAyYg', counter: 5, isSynced: false }
    const wanted = { organizationId, accountId, ...passkey, enrolmentHash: enrolment.codeHash }
    assert.equal(await directory.addPasskey({ ...wanted, enrolmentHash: newHash() }, newEvent()), false)
    const both = await Promise.all([
      directory.addPasskey(wanted, newEvent()),
      directory.addPasskey({ ...wanted, credentialId: newName('credential') }, newEvent()),
    ])
    assert.deepEqual(both.sort(), [false, true])
    const [kept] = (await directory.findLocalAdministrator(organizationId, accountId))?.passkeys ?? []
    assert.ok(kept)
    const next = { codeHash: newHash(), expiresAt: later(60) }
    await directory.offerEnrolment(local, next, newEvent())
    const again = { ...wanted, credentialId: kept.credentialId, enrolmentHash: next.codeHash }
    await assert.rejects(directory.addPasskey(again, newEvent()), { code: 'passkey_exists' })

    const challengeHash = newHash()
    const proof = { credentialId: kept.credentialId, counter: 6, challengeHash, until: later(600) }
    assert.deepEqual(await directory.enterLocally(entryOf(local, proof)), { codesLeft: 2 })
    assert.equal((await directory.findPasskey(kept.credentialId))?.counter, 6)
    for (const bad of [
      { ...proof, counter: 7 },
      { ...proof, challengeHash: newHash() },
      { ...proof, challengeHash: newHash(), counter: 0 },
    ]) {
      const before = await countRows()
      assert.equal(await directory.enterLocally(entryOf(local, bad)), 'stale')
      assert.deepEqual([await countRows(), (await directory.findPasskey(kept.credentialId))?.counter], [before, 6])
    }
    await assert.rejects(directory.removePasskey(local, 'other', newEvent()), { code: 'passkey_not_found' })
    await directory.removePasskey(local, kept.credentialId, newEvent())
    assert.equal(await directory.findPasskey(kept.credentialId), undefined)
  })

  test('demand 19: the database itself keeps every connection away from a local administrator', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const { organizationId, id: connectionId } = connection
    const { accountId, username } = await newLocal(directory, organizationId)
    const before = await countRows()
    const link = { organizationId, connectionId, subjectKey: 'x', accountId }
    await assert.rejects(directory.relinkIdentity(link, newEvent()), { code: 'account_is_local' })
    const grant = grantOf(connectionId, 'role', 'manager')
    await assert.rejects(directory.grantRole(organizationId, accountId, grant, newEvent()), {
      code: 'account_is_local',
    })

    const person = { ...newPerson(), username }
    const state = await directory.readSignInState(queryFor(connection, person))
    assert.equal(state.account, undefined)
    assert.ok(state.linkCandidate)
    const linking = writesFor(connection, person, { ...state, account: state.linkCandidate.account })
    const linked = { ...linking, account: { ...linking.account, linksIdentity: true as const } }
    await assert.rejects(directory.applySignIn(linked), { code: 'account_is_local' })
    await assert.rejects(directory.applySignIn(writesFor(connection, person)), { code: 'account_conflict' })
    assert.deepEqual(await countRows(), before)
  })

  test('the last administrator stays; a local administrator counts while there is something to come in with', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const { organizationId } = connection
    const local = await newLocal(directory, organizationId, 1)
    const suspension = { from: 'active', to: 'suspended' } as const
    const stays = async (act: () => Promise<unknown>) => {
      const before = await countRows()
      await assert.rejects(act, { code: 'last_administrator' })
      assert.deepEqual(await countRows(), before)
    }
    await stays(() => directory.removeLocalAdministrator(local, newEvent()))
    await stays(() => directory.setAccountState(organizationId, local.accountId, suspension, newEvent()))

    const person = newPerson()
    const writes = writesFor(connection, person)
    await directory.applySignIn(writes)
    const other = writes.account.id
    await directory.grantRole(organizationId, other, administration, newEvent())
    // The local administrator is enough while a code is left.
    await directory.setAccountState(organizationId, other, suspension, newEvent())
    await directory.setAccountState(organizationId, other, { from: 'suspended', to: 'active' }, newEvent())
    assert.notEqual(await directory.enterLocally(entryOf(local, { codeHash: local.codes[0]?.codeHash ?? '' })), 'stale')
    await stays(() => directory.setAccountState(organizationId, other, suspension, newEvent()))
    // Whoever could not come in is no loss.
    await directory.removeLocalAdministrator(local, newEvent())
  })

  test('local administrators take no seat, and none is given back for them', async () => {
    const { directory, pool, newConnection } = bench()
    const connection = await newConnection()
    const { organizationId } = connection
    await directory.applySignIn(writesFor(connection, newPerson()))
    const [local, stay] = [await newLocal(directory, organizationId), await newLocal(directory, organizationId)]
    assert.ok(stay)
    const organization = await directory.findOrganization(organizationId)
    assert.ok(organization)
    await directory.updateOrganization({ ...organization, seatLimit: 1 }, newEvent())
    const taken = async () => {
      const { rows } = await pool.query('select seats_taken from organization where id = $1', [organizationId])
      return rows[0]?.seats_taken
    }
    assert.equal(await taken(), 1)
    const set = (from: AccountState, to: AccountState) =>
      directory.setAccountState(organizationId, local.accountId, { from, to }, newEvent())
    await set('active', 'suspended')
    assert.equal(await taken(), 1)
    await set('suspended', 'active')
    assert.equal(await taken(), 1)
    await newLocal(directory, organizationId)
    await directory.removeLocalAdministrator(local, newEvent())
    assert.equal(await taken(), 1)
  })

  test('a user name is given once, to whomever it belongs', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const person = newPerson()
    await directory.applySignIn(writesFor(connection, person))
    const before = await countRows()
    const wanted = {
      organizationId: connection.organizationId,
      accountId: localAccountId(uuidv7()),
      username: person.username.toUpperCase(),
      grants: [],
      codes: [],
      enrolment: { codeHash: newHash(), expiresAt: later(600) },
      createdAt: now,
    }
    await assert.rejects(directory.createLocalAdministrator(wanted, newEvent()), { code: 'account_conflict' })
    const like = { ...wanted, accountId: uuidv7(), username: newName('vault') }
    await assert.rejects(directory.createLocalAdministrator(like, newEvent()), { code: 'internal' })
    assert.deepEqual(await countRows(), before)
  })
}
