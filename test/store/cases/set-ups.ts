import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FieldValue } from '../../../src/directory/account.ts'
import type { SetUpWrites } from '../../../src/directory/set-up.ts'
import type { SignInWrites } from '../../../src/directory/sign-in.ts'
import { createDirectory } from '../../../src/store/postgres-directory.ts'
import type { Bench } from '../conformance.ts'
import { countStatements } from '../count-statements.ts'
import { later, newEvent, newHash, newName, newPerson, now, writesFor } from '../samples.ts'

const answer: FieldValue = { values: ['B-12'], source: 'person', rule: 'set-up', since: now }
const limits = { idleSeconds: 1800, absoluteSeconds: 36_000 }

export function setUpCases(bench: () => Bench): void {
  async function hold(more: Partial<SignInWrites> = {}, directory = bench().directory) {
    const connection = await bench().newConnection()
    const writes = {
      ...writesFor(connection, newPerson()),
      setUp: {
        ticketHash: newHash(),
        browserHash: newHash(),
        returnTo: `https://portal.example/?${'x'.repeat(8000)}`,
        fields: ['desk', 'shirt'],
        expiresAt: later(3600),
      },
      ...more,
    }
    assert.equal(await directory.applySignIn(writes), 'applied')
    const { organizationId, id: connectionId } = connection
    const completion: SetUpWrites = {
      ...{ organizationId, connectionId, connectionVersion: 1, accountId: writes.account.id, expectedVersion: 1 },
      ...{ ticketHash: writes.setUp.ticketHash, tokenHash: newHash(), fields: { desk: answer } },
      ...{ events: [newEvent('account.set_up')], now: later(60) },
    }
    return { connection, writes, completion, ticket: { connectionId, ticketHash: writes.setUp.ticketHash } }
  }

  test('a sign-in that waits for answers is one statement, and is read back as it was', async () => {
    const { counted, statements } = countStatements(bench().pool)
    const directoryOf = createDirectory(counted)
    const { writes, ticket, connection } = await hold({}, directoryOf)
    const found = await directoryOf.findSetUp(ticket)
    assert.deepEqual(statements, ['sign_in_apply_held', 'set_up_find'])
    const { organizationId, id: connectionId } = connection
    const ids = { organizationId, connectionId, accountId: writes.account.id, sessionId: writes.session.id }
    assert.deepEqual(found?.setUp, { ...ids, ...writes.setUp })
    assert.deepEqual(found?.session, { expiresAt: writes.session.expiresAt })
    assert.equal(found?.account.id, writes.account.id)
    const { directory } = bench()
    assert.equal(await directory.findSetUp({ ...ticket, connectionId: 'other' }), undefined)
    assert.equal(await directory.findSetUp({ ...ticket, ticketHash: newHash() }), undefined)
  })

  test('a sign-in by artifact that waits for answers uses up artifact and assertion, or writes nothing', async () => {
    const { countRows, directory } = bench()
    const artifact = newName('artifact')
    const { connection, writes } = await hold({ artifact })
    const again = { ...writesFor(connection, newPerson()), setUp: { ...writes.setUp, ticketHash: newHash() }, artifact }
    const before = await countRows()
    await assert.rejects(directory.applySignIn(again), { code: 'saml_artifact_replayed' })
    const used = { ...again, assertion: writes.assertion, artifact: newName('artifact') }
    await assert.rejects(directory.applySignIn(used), { code: 'assertion_replayed' })
    assert.equal(await directory.applySignIn({ ...again, connectionVersion: 9 }), 'stale')
    assert.deepEqual(await countRows(), before)
  })

  test('answers and the token of the session are written together, once, and only onto what was read', async () => {
    const { directory, countRows } = bench()
    const [{ completion, ticket }, other] = [await hold(), await hold()]
    const before = await countRows()
    for (const stale of [
      { expectedVersion: 2 },
      { connectionVersion: 2 },
      { ticketHash: newHash() },
      { now: later(3600) },
      { accountId: other.completion.accountId },
    ]) {
      assert.equal(await directory.completeSetUp({ ...completion, ...stale }), 'stale', JSON.stringify(stale))
      assert.deepEqual(await countRows(), before)
    }
    assert.deepEqual((await directory.findSetUp(ticket))?.account.fields.desk, undefined)

    const one = { ...completion, tokenHash: newHash() }
    const both = await Promise.all([directory.completeSetUp(completion), directory.completeSetUp(one)])
    assert.deepEqual(both.sort(), ['applied', 'stale'])
    const found = await directory.findSetUp(ticket)
    assert.deepEqual([found?.setUp.doneAt, found?.account.version], [later(60), 2])
    assert.deepEqual(found?.account.fields.desk, answer)
    const holders = await Promise.all(
      [completion, one].map(({ tokenHash }) => directory.findSession(tokenHash, { now: later(61), limits })),
    )
    assert.deepEqual(holders.map((holder) => holder?.account.id).filter(Boolean), [completion.accountId])
  })

  test('whatever ends sessions ends the one that waits, and the set-up stays to tell', async () => {
    const { directory } = bench()
    const { completion, ticket, writes } = await hold()
    const { organizationId, connectionId } = completion
    await directory.endSessionsByNameId({
      ...{ organizationId, connectionId, nameId: writes.session.nameId ?? '', sessionIndexes: [] },
      ...{ request: { id: newName('_logout'), rememberUntil: later(300) }, event: newEvent() },
    })
    const found = await directory.findSetUp(ticket)
    assert.deepEqual([found?.session, found?.account.state], [undefined, 'active'])
    assert.equal(await directory.completeSetUp(completion), 'stale')
  })

  test('a value that another account has is refused, named, and nothing is written', async () => {
    const { directory, countRows } = bench()
    const first = await hold()
    const { id: connectionId } = first.connection
    const unique = { uniqueFields: ['desk', 'badge'] }
    assert.equal(await directory.completeSetUp({ ...first.completion, ...unique }), 'applied')
    const writes = {
      ...writesFor(first.connection, newPerson()),
      setUp: { ...first.writes.setUp, ticketHash: newHash() },
    }
    await directory.applySignIn(writes)
    const second: SetUpWrites = {
      ...{ ...first.completion, ...unique, accountId: writes.account.id, tokenHash: newHash() },
      ...{ ticketHash: writes.setUp.ticketHash, fields: { desk: answer, badge: { ...answer, values: ['1'] } } },
      events: [newEvent()],
    }
    const before = await countRows()
    await assert.rejects(directory.completeSetUp(second), { code: 'account_field_conflict' })
    assert.deepEqual(await countRows(), before)
    assert.deepEqual(await directory.listTakenFields(second), ['desk'])
    assert.deepEqual(await directory.listTakenFields({ ...second, accountId: first.completion.accountId }), [])
    assert.equal(
      (await directory.findSetUp({ connectionId, ticketHash: writes.setUp.ticketHash }))?.setUp.doneAt,
      undefined,
    )
  })
}
