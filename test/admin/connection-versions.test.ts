import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachDatabase } from '../support/databases.ts'
import { furnish, openOffice } from './office.ts'

const id = 'company-a'

forEachDatabase((kind, open) => {
  test(`every change of a connection keeps a version: who, when, what; rolling back is one more (${kind})`, async (t) => {
    const office = await openOffice(await open(t))
    await furnish(office)
    await office.run('connection.set', { id, settings: { jitProvisioning: false } })
    await office.run('connection.set', { id, name: 'Company A, Berlin', settings: { clockSkewSeconds: 30 } })
    const versions = await office.run('connection.versions', { id })
    assert.deepEqual(
      versions.map(({ version, actor, action, changes }) => [version, actor, action, changes.map(({ path }) => path)]),
      [
        [3, 'cli', 'connection.updated', ['name', 'settings.clockSkewSeconds']],
        [2, 'cli', 'connection.updated', ['settings.jitProvisioning']],
        [1, 'cli', 'connection.created', []],
      ],
    )
    const diff = await office.run('connection.diff', { id, from: 1, to: 3 })
    assert.deepEqual(
      diff.changes.map(({ path, before, after }) => [path, before, after]),
      [
        ['name', 'company-a', 'Company A, Berlin'],
        ['settings.jitProvisioning', true, false],
        ['settings.clockSkewSeconds', 60, 30],
      ],
    )
    const back = await office.run('connection.rollback', { id, version: 2 })
    assert.equal(back.version, 4)
    const { connection } = await office.run('connection.show', { id })
    assert.deepEqual(
      [connection.version, connection.name, connection.settings.jitProvisioning, connection.settings.clockSkewSeconds],
      [4, 'company-a', false, 60],
    )
    const before = await office.contents()
    assert.deepEqual((await office.run('connection.rollback', { id, version: 4 })).changes, [])
    await assert.rejects(office.run('connection.rollback', { id, version: 9 }), {
      code: 'connection_version_not_found',
    })
    await assert.rejects(office.run('connection.diff', { id, to: 'draft' }), { code: 'connection_draft_missing' })
    await assert.rejects(office.run('connection.set', { id, version: 3, settings: { samlEnabled: false } }), {
      code: 'connection_changed',
    })
    assert.equal(await office.contents(), before)
  })

  test(`going back never trusts keys again that were replaced (${kind})`, async (t) => {
    const office = await openOffice(await open(t))
    await furnish(office)
    const stored = await office.deps.directory.findConnection(id)
    if (!stored) throw new Error('no connection')
    const signingCertificates = ['TUlJQw==']
    const renewed = { ...stored, identityProvider: { ...stored.identityProvider, signingCertificates } }
    const event = { id: office.deps.newId(), at: office.deps.now(), actor: 'metadata-refresh' }
    await office.deps.directory.replaceIdentityProvider(renewed, { ...event, action: 'x', target: 'x', detail: {} })
    await office.run('connection.set', { id, settings: { jitProvisioning: false } })
    await office.run('connection.rollback', { id, version: 1 })
    const connection = await office.deps.directory.findConnection(id)
    assert.equal(connection?.settings.jitProvisioning, true)
    assert.deepEqual(connection?.identityProvider.signingCertificates, signingCertificates)
  })

  test(`a draft changes nothing until it is published, and is refused when somebody changed the connection meanwhile (${kind})`, async (t) => {
    const office = await openOffice(await open(t))
    await furnish(office)
    const draft = { change: { jitProvisioning: false } }
    const drafted = await office.run('connection.draft', { id, draft })
    assert.deepEqual([drafted.baseVersion, drafted.changes.map(({ path }) => path)], [1, ['settings.jitProvisioning']])
    assert.equal((await office.run('connection.show', { id })).connection.settings.jitProvisioning, true)
    const diff = await office.run('connection.diff', { id })
    assert.deepEqual([diff.from, diff.to, diff.changes.length], [1, 'draft', 1])
    const previewed = await office.run('connection.preview', {
      id,
      draft: 'stored',
      person: { nameId: { value: 'x' } },
    })
    assert.equal(previewed.refusal?.code, 'account_creation_disabled')

    assert.equal((await office.run('connection.publish', { id })).version, 2)
    assert.equal((await office.run('connection.show', { id })).connection.settings.jitProvisioning, false)
    await assert.rejects(office.run('connection.publish', { id }), { code: 'connection_draft_missing' })

    await office.run('connection.draft', { id, draft: { change: { clockSkewSeconds: 10 } } })
    await office.run('connection.set', { id, settings: { clockSkewSeconds: 20 } })
    const before = await office.contents()
    await assert.rejects(office.run('connection.publish', { id }), { code: 'connection_changed' })
    await assert.rejects(office.run('connection.draft', { id, draft: { change: { grantableRoles: ['nobody'] } } }), {
      code: 'role_not_found',
    })
    assert.equal(await office.contents(), before)
    assert.equal((await office.run('connection.draft', { id, draft: null })).discarded, true)
    await assert.rejects(office.run('connection.draft', { id, draft: null }), { code: 'connection_draft_missing' })
  })

  test(`metadata that was refreshed meanwhile stands in nobody's way (${kind})`, async (t) => {
    const office = await openOffice(await open(t))
    await furnish(office)
    await office.run('connection.draft', { id, draft: { change: { jitProvisioning: false } } })
    const stored = await office.deps.directory.findConnection(id)
    if (!stored) throw new Error('no connection')
    const identityProvider = { ...stored.identityProvider, signingCertificates: ['TUlJQw=='] }
    const event = { id: office.deps.newId(), at: office.deps.now(), actor: 'metadata-refresh' }
    const refreshed = { ...stored, identityProvider }
    await office.deps.directory.replaceIdentityProvider(refreshed, { ...event, action: 'x', target: 'x', detail: {} })
    assert.equal((await office.run('connection.publish', { id })).version, 3)
    const connection = await office.deps.directory.findConnection(id)
    assert.deepEqual(connection?.identityProvider.signingCertificates, ['TUlJQw=='])
    assert.equal(connection?.settings.jitProvisioning, false)
  })

  test(`connection set is not last-one-wins: changes at the same moment both stay (${kind})`, async (t) => {
    const office = await openOffice(await open(t))
    await furnish(office)
    const changes = [{ jitProvisioning: false }, { clockSkewSeconds: 20 }, { forceAuthn: true }, { samlEnabled: false }]
    await Promise.all(changes.map((settings) => office.run('connection.set', { id, settings })))
    const { connection } = await office.run('connection.show', { id })
    assert.equal(connection.version, 5)
    for (const change of changes) {
      for (const [name, value] of Object.entries(change)) {
        assert.equal((connection.settings as Readonly<Record<string, unknown>>)[name], value, name)
      }
    }
  })
})
