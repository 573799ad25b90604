import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Bench } from '../conformance.ts'
import { later, newEvent, newHash, newLoginRequest, newName, newPerson, now, writesFor } from '../samples.ts'

export function testSignInCases(bench: () => Bench): void {
  test('the code of a test counts for its connection until it runs out, and is redeemed once', async () => {
    const { directory, newConnection, countRows } = bench()
    const { organizationId, id: connectionId } = await newConnection()
    const codeHash = newHash()
    const before = await countRows()
    await directory.createTestSignIn({ organizationId, connectionId, codeHash, expiresAt: later(60) }, newEvent())
    const code = { connectionId, codeHash }
    assert.equal(await directory.findTestSignIn(code, now), true)
    for (const [other, at] of [
      [{ ...code, connectionId: 'other' }, now],
      [{ ...code, codeHash: newHash() }, now],
      [code, later(60)],
    ] as const) {
      assert.equal(await directory.findTestSignIn(other, at), false)
      assert.equal(await directory.redeemTestSignIn(other, at), false)
    }
    const redeemed = await Promise.all([directory.redeemTestSignIn(code, now), directory.redeemTestSignIn(code, now)])
    assert.deepEqual(redeemed.sort(), [false, true])
    assert.equal(await directory.findTestSignIn(code, now), false)
    assert.deepEqual(await countRows(), { ...before, audit_event: (before.audit_event ?? 0) + 1 })
  })

  test('a test of a connection that does not exist is refused, and nothing is written', async () => {
    const { directory, newConnection, countRows } = bench()
    const { organizationId } = await newConnection()
    const before = await countRows()
    const test = { organizationId, connectionId: newName('nowhere'), codeHash: newHash(), expiresAt: later(60) }
    await assert.rejects(directory.createTestSignIn(test, newEvent()), { code: 'connection_not_found' })
    assert.deepEqual(await countRows(), before)
  })

  test('a browser is testing while a request of its own, of that kind and connection, has not run out', async () => {
    const { directory, newConnection } = bench()
    const connection = await newConnection()
    const request = newLoginRequest(connection, { id: newName('_test-') })
    await directory.beginLoginRequest(newLoginRequest(connection, { browserHash: request.browserHash }))
    const browser = { connectionId: connection.id, browserHash: request.browserHash, requestPrefix: '_test-' }
    assert.equal(await directory.isBrowserTesting(browser, now), false)
    await directory.beginLoginRequest(request)
    assert.equal(await directory.isBrowserTesting(browser, now), true)
    assert.equal(await directory.isBrowserTesting({ ...browser, connectionId: 'other' }, now), false)
    assert.equal(await directory.isBrowserTesting({ ...browser, browserHash: newHash() }, now), false)
    assert.equal(await directory.isBrowserTesting(browser, request.expiresAt), false)
  })

  test('an assertion is consumed for the connection that it signed somebody in over', async () => {
    const { directory, newConnection } = bench()
    const [connection, other] = [await newConnection(), await newConnection()]
    const writes = writesFor(connection, newPerson())
    assert.equal(await directory.isAssertionConsumed(connection, writes.assertion.id), false)
    await directory.applySignIn(writes)
    assert.equal(await directory.isAssertionConsumed(connection, writes.assertion.id), true)
    assert.equal(await directory.isAssertionConsumed(other, writes.assertion.id), false)
  })
}
