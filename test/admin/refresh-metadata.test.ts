import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Pool } from 'pg'
import { createMetadataFetcher } from '../../src/admin/fetch-metadata.ts'
import { createMetadataKeeper } from '../../src/admin/keep-metadata-fresh.ts'
import { refreshMetadata } from '../../src/admin/refresh-metadata.ts'
import { connectionText } from '../../src/cli/commands/connection-text.ts'
import { LatchkeyError } from '../../src/errors.ts'
import {
  type IdentityProviderMetadataOptions,
  writeIdentityProviderMetadata,
} from '../../src/test-identity-provider/metadata.ts'
import { createIdentityProviderKey } from '../../src/test-identity-provider/signing-key.ts'
import { forEachDatabase } from '../support/databases.ts'
import { openMetadataServer } from './metadata-server.ts'
import { now, type Office, openOffice } from './office.ts'

const [old, fresh] = await Promise.all([createIdentityProviderKey({ now }), createIdentityProviderKey({ now })])
const entityId = 'https://idp.example/metadata'

function metadata(certificate: string, options: IdentityProviderMetadataOptions = {}, id = entityId): string {
  return writeIdentityProviderMetadata({ entityId: id, baseUrl: 'https://idp.example', certificate }, options)
}

async function openWorld(test: { after(work: () => void): void }, pool: Pool) {
  const server = await openMetadataServer(test)
  const office = await openOffice({ pool })
  const clock = { nowMs: now.getTime() }
  const deps = {
    ...office.deps,
    now: () => new Date(clock.nowMs),
    fetchMetadata: createMetadataFetcher(),
    actor: 'metadata-refresh',
  }
  const failures: unknown[] = []
  const changed: string[] = []
  const keeperOf = () =>
    createMetadataKeeper({
      deps,
      onFailed: (_id, error) => failures.push(error),
      onChanged: (id) => changed.push(id),
    })
  server.answer = metadata(old.certificate)
  server.etag = '"1"'
  await office.run('organization.create', { id: 'company-a' })
  Object.assign(office.deps, { fetchMetadata: deps.fetchMetadata })
  await office.run('connection.add', { id: 'company-a', metadata: { url: server.url } })
  const connection = async () => {
    const found = await deps.directory.findConnection('company-a')
    if (found === undefined) throw new Error('the connection is gone')
    return found
  }
  const known = async () => await deps.directory.findMetadataRefresh(await connection())
  return { server, office, clock, deps, failures, changed, keeperOf, connection, known }
}

async function auditEvents({ pool }: Office): Promise<readonly { action: string; actor: string; detail: unknown }[]> {
  const { rows } = await pool.query("select action, actor, detail from audit_event where action like '%refreshed'")
  return rows
}

forEachDatabase((kind, open) => {
  test(`a connection remembers where its metadata came from, and forgets it when given a file (${kind})`, async (t) => {
    const { office, server, known } = await openWorld(t, (await open(t)).pool)
    const shown = await office.run('connection.show', { id: 'company-a' })
    assert.deepEqual(shown.connection.identityProvider.source, { url: server.url })
    assert.match(shown.signingCertificates.join(), /^SHA-256 ([0-9A-F]{2}:){31}[0-9A-F]{2}, CN=.*, ends \d{4}-/)
    const nextRefreshAt = new Date(now.getTime() + 4 * 3600_000).toISOString()
    const at = { organizationId: 'company-a', connectionId: 'company-a', url: server.url }
    assert.deepEqual(shown.refresh, { ...at, etag: '"1"', fetchedAt: now.toISOString(), nextRefreshAt, failures: 0 })
    await office.run('connection.set', { id: 'company-a', settings: { clockSkewSeconds: 5 } })
    assert.equal((await known())?.etag, undefined)
    await office.run('connection.set', { id: 'company-a', metadata: { text: metadata(old.certificate) } })
    const without = await office.run('connection.show', { id: 'company-a' })
    assert.equal(without.connection.identityProvider.source, undefined)
    assert.equal(without.refresh, undefined)
    await assert.rejects(office.run('connection.refresh', { id: 'company-a' }), { code: 'metadata_source_missing' })
  })

  test(`demand 21: a rollover: both certificates at once, then the old one is dropped, each said and recorded (${kind})`, async (t) => {
    const { office, server, connection } = await openWorld(t, (await open(t)).pool)
    server.answer = metadata(old.certificate, { furtherCertificates: [fresh.certificate] })
    const before = await office.contents()
    const dry = await office.run('connection.refresh', { id: 'company-a', dryRun: true })
    assert.equal(dry.changes.length, 1)
    assert.equal(await office.contents(), before)
    const { changes } = await office.run('connection.refresh', { id: 'company-a' })
    assert.deepEqual(changes, dry.changes)
    assert.equal(changes[0]?.path, 'signingCertificate')
    assert.match(String(changes[0]?.after), /^SHA-256 .*, CN=.*, ends /)
    assert.deepEqual((await connection()).identityProvider.signingCertificates, [old.certificate, fresh.certificate])

    server.answer = metadata(fresh.certificate)
    const dropped = await office.run('connection.refresh', { id: 'company-a' })
    assert.deepEqual(
      dropped.changes.map(({ path, after }) => [path, after]),
      [['signingCertificate', undefined]],
    )
    assert.deepEqual((await connection()).identityProvider.signingCertificates, [fresh.certificate])
    const events = await auditEvents(office)
    assert.deepEqual(
      events.map(({ action, actor, detail }) => ({ action, actor, detail })),
      [changes, dropped.changes].map((all) => ({
        action: 'connection.metadata_refreshed',
        actor: 'cli',
        detail: { changes: all },
      })),
    )
    const again = await office.run('connection.refresh', { id: 'company-a' })
    assert.deepEqual(again.changes, [])
    const shown = await office.run('connection.show', { id: 'company-a' })
    assert.deepEqual(
      shown.refresh?.recentChanges,
      [dropped.changes, changes].map((all) => ({ at: now.toISOString(), changes: all })),
    )
    assert.match(connectionText(shown), /Changed by the refresh of 2026-03-01.*:\n {4}signingCertificate: "SHA-256/)
    assert.equal((await auditEvents(office)).length, 2)
  })

  test(`a refresh that fails changes nothing but its own record, and backs off (${kind})`, async (t) => {
    const world = await openWorld(t, (await open(t)).pool)
    const { server, office, clock, failures, keeperOf, connection, known } = world
    const keeper = keeperOf()
    server.etag = ''
    const before = await connection()
    const cases = [
      { answer: 500, code: 'metadata_unreachable' },
      { answer: '<html/>', code: 'metadata_not_identity_provider' },
      { answer: metadata(fresh.certificate, {}, 'https://other.example'), code: 'metadata_entity_changed' },
      { answer: metadata(fresh.certificate, { validUntil: now }), code: 'metadata_expired' },
      {
        answer: metadata(fresh.certificate).replaceAll(/<md:KeyDescriptor.*<\/md:KeyDescriptor>/g, ''),
        code: 'metadata_certificate_missing',
      },
    ]
    let waitedMs = 0
    for (const [index, { answer, code }] of cases.entries()) {
      clock.nowMs = (await known())?.nextRefreshAt.getTime() ?? 0
      server.answer = answer
      assert.equal(await keeper.refreshDue(), 0)
      const last = failures.at(-1)
      assert.ok(last instanceof LatchkeyError)
      assert.equal(last.code, code)
      const state = await known()
      assert.equal(state?.failures, index + 1)
      assert.equal(state?.lastError?.code, code)
      const waitMs = (state?.nextRefreshAt.getTime() ?? 0) - clock.nowMs
      assert.ok(waitMs >= 300_000 * 2 ** index && waitMs <= 86_400_000 && waitMs > waitedMs, `${waitMs} ms`)
      waitedMs = waitMs
      assert.deepEqual(await connection(), before)
    }
    assert.equal((await auditEvents(office)).length, 0)
    clock.nowMs = (await known())?.nextRefreshAt.getTime() ?? 0
    server.answer = metadata(fresh.certificate)
    assert.equal(await keeper.refreshDue(), 1)
    const state = await known()
    assert.equal(state?.failures, 0)
    assert.equal(state?.lastError, undefined)
    assert.equal((await auditEvents(office))[0]?.actor, 'metadata-refresh')
  })

  test(`demand 21: one of several nodes refreshes what is due, with the ETag, and metadata that did not change changes nothing (${kind})`, async (t) => {
    const { server, clock, keeperOf, changed, known } = await openWorld(t, (await open(t)).pool)
    const nodes = [keeperOf(), keeperOf(), keeperOf()]
    const asked = server.requests
    assert.deepEqual(await Promise.all(nodes.map((node) => node.refreshDue())), [0, 0, 0])
    assert.equal(server.requests, asked)
    clock.nowMs += 4 * 3600_000
    assert.deepEqual(await Promise.all(nodes.map((node) => node.refreshDue())), [0, 0, 0])
    assert.equal(server.requests, asked + 1)
    assert.equal((await known())?.fetchedAt?.getTime(), clock.nowMs)
    clock.nowMs += 4 * 3600_000
    Object.assign(server, { answer: metadata(fresh.certificate), etag: '"2"' })
    const counts = await Promise.all(nodes.map((node) => node.refreshDue()))
    assert.equal(
      counts.reduce((sum, count) => sum + count),
      1,
    )
    assert.deepEqual(changed, ['company-a'])
    assert.equal((await known())?.etag, '"2"')
  })

  test(`demand 21: a signature by an unknown key fetches once a minute, over all nodes, and those who wait share it (${kind})`, async (t) => {
    const { server, clock, keeperOf, connection, failures, known } = await openWorld(t, (await open(t)).pool)
    const [one, two] = [keeperOf(), keeperOf()]
    const asked = server.requests
    const stored = await connection()
    Object.assign(server, { answer: metadata(fresh.certificate), etag: '"2"' })
    const storm = await Promise.all(Array.from({ length: 50 }, () => one.refreshKeys(stored)))
    assert.ok(storm.every(Boolean))
    assert.equal(await one.refreshKeys(stored), false)
    assert.equal(await two.refreshKeys(stored), false)
    assert.equal(server.requests, asked + 1)
    clock.nowMs += 60_000
    const scheduled = await known()
    server.answer = 500
    assert.equal(await two.refreshKeys(stored), false)
    assert.equal(await one.refreshKeys(stored), false)
    assert.equal(server.requests, asked + 2)
    assert.equal(failures.length, 1)
    const state = await known()
    assert.deepEqual([state?.failures, state?.nextRefreshAt], [0, scheduled?.nextRefreshAt])
  })

  test(`an administrator's change made during a refresh is not overwritten (${kind})`, async (t) => {
    const { server, deps, office, connection } = await openWorld(t, (await open(t)).pool)
    server.answer = metadata(fresh.certificate)
    const stored = await connection()
    await office.run('connection.set', { id: 'company-a', settings: { clockSkewSeconds: 5 } })
    const current = await connection()
    await assert.rejects(refreshMetadata(stored, {}, deps), { code: 'connection_changed' })
    assert.deepEqual(await connection(), current)
  })
})
