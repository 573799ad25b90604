import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Connection } from '../../../src/directory/connection.ts'
import type { Bench } from '../conformance.ts'
import { later, newEvent, now } from '../samples.ts'

const url = 'https://idp.example/metadata'
const lease = { now, leasedUntil: later(60) }

/** A connection whose metadata comes from an address. */
async function withSource({ directory, newConnection }: Bench): Promise<Connection> {
  const connection = await newConnection()
  const identityProvider = { ...connection.identityProvider, source: { url } }
  assert.equal(await directory.replaceIdentityProvider({ ...connection, identityProvider }, newEvent()), 'replaced')
  return { ...connection, identityProvider, version: connection.version + 1 }
}

export function metadataRefreshCases(bench: () => Bench): void {
  test('replaceIdentityProvider() replaces nothing else, and nothing at all for another version', async () => {
    const { directory, newConnection, countRows } = bench()
    const connection = await newConnection()
    const identityProvider = { ...connection.identityProvider, entityId: 'https://other.example', validUntil: later(9) }
    const before = await countRows()
    const older = { ...connection, identityProvider, version: 7 }
    assert.equal(await directory.replaceIdentityProvider(older, newEvent()), 'stale')
    assert.deepEqual(await countRows(), before)
    const renamed = { ...connection, identityProvider, name: 'ignored' }
    assert.equal(await directory.replaceIdentityProvider(renamed, newEvent()), 'replaced')
    assert.deepEqual(await directory.findConnection(connection.id), { ...connection, identityProvider, version: 2 })
  })

  test('what a refresh came to is kept and found again, whole', async () => {
    const { directory } = bench()
    const connection = await withSource(bench())
    const key = { organizationId: connection.organizationId, connectionId: connection.id }
    const lastError = { at: now, code: 'metadata_unreachable', reason: 'status 500' }
    const failed = { ...key, url, nextRefreshAt: later(300), failures: 1, lastError }
    await directory.saveMetadataRefresh(failed)
    assert.deepEqual(await directory.findMetadataRefresh(connection), failed)
    const recentChanges = [{ at: now, changes: [{ path: 'signingCertificate', before: 'a' }] }]
    const known = { etag: '"1"', lastModified: 'x', fetchedAt: now, recentChanges }
    const good = { ...key, url, nextRefreshAt: later(9), failures: 0, ...known }
    await directory.saveMetadataRefresh(good)
    assert.deepEqual(await directory.findMetadataRefresh(connection), good)
    const all = await directory.listMetadataRefreshes()
    assert.deepEqual(
      all.filter(({ connectionId }) => connectionId === connection.id),
      [good],
    )
  })

  test('one connection that is due goes to one node, until the lease ends', async () => {
    const { directory, newConnection } = bench()
    const plain = await newConnection()
    const connection = await withSource(bench())
    const taken = await Promise.all([1, 2, 3, 4].map(() => directory.leaseDueMetadata(lease, 1000)))
    const mine = taken.flat().filter((id) => id === connection.id)
    assert.deepEqual(mine, [connection.id])
    assert.ok(!taken.flat().includes(plain.id))
    const stillHeld = await directory.leaseDueMetadata({ now: later(59), leasedUntil: later(119) }, 1000)
    assert.ok(!stillHeld.includes(connection.id))
    const ended = await directory.leaseDueMetadata({ now: later(60), leasedUntil: later(120) }, 1000)
    assert.ok(ended.includes(connection.id))
  })

  test('a connection is due from its time on, and at once when its address is another one', async () => {
    const { directory } = bench()
    const connection = await withSource(bench())
    const { organizationId, id } = connection
    const known = { organizationId, connectionId: id, url, nextRefreshAt: later(500), failures: 0 }
    await directory.saveMetadataRefresh(known)
    const isDue = async (seconds: number) =>
      (await directory.leaseDueMetadata({ now: later(seconds), leasedUntil: later(seconds) }, 1000)).includes(id)
    assert.equal(await isDue(499), false)
    assert.equal(await isDue(500), true)
    await directory.saveMetadataRefresh({ ...known, url: 'https://idp.example/old' })
    assert.equal(await isDue(1), true)
  })

  test('leaseMetadata() gives a connection once, and again only after the time that was asked for', async () => {
    const { directory, newConnection } = bench()
    const connection = await withSource(bench())
    const at = (seconds: number) =>
      directory.leaseMetadata(
        connection,
        { now: later(seconds), leasedUntil: later(seconds + 10) },
        later(seconds - 60),
      )
    const tries = await Promise.all([at(0), at(0), at(0)])
    assert.deepEqual(tries.filter(Boolean).length, 1)
    assert.equal(await at(59), false)
    assert.equal(await at(60), true)
    assert.equal(await directory.leaseMetadata(await newConnection(), lease, later(-60)), false)
  })
}
