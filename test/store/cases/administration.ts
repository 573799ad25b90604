import assert from 'node:assert/strict'
import { test } from 'node:test'
import { configurationOf } from '../../../src/directory/connection-version.ts'
import { isLatchkeyError } from '../../../src/errors.ts'
import type { Bench } from '../conformance.ts'
import { later, newApplication, newConnection, newEvent, newHash, newName, newOrganization, now } from '../samples.ts'

export function administrationCases(bench: () => Bench): void {
  test('an organization is born with its two roles, and exists once', async () => {
    const { directory, countRows } = bench()
    const organization = newOrganization()
    await directory.createOrganization(organization, newEvent())
    assert.deepEqual(await directory.findOrganization(organization.id), organization)
    assert.deepEqual(
      (await directory.listRoles(organization.id)).map(({ name, kind }) => [name, kind]),
      [
        ['agent', 'application'],
        ['latchkey-administrator', 'administration'],
      ],
    )
    const before = await countRows()
    await assert.rejects(directory.createOrganization(organization, newEvent()), { code: 'organization_exists' })
    assert.deepEqual(await countRows(), before)
    assert.equal(await directory.findOrganization('nobody'), undefined)
  })

  test('an organization can be renamed, a missing one cannot', async () => {
    const { directory } = bench()
    const organization = newOrganization()
    await directory.createOrganization(organization, newEvent())
    await directory.updateOrganization({ ...organization, name: 'New' }, newEvent())
    assert.equal((await directory.findOrganization(organization.id))?.name, 'New')
    assert.ok((await directory.listOrganizations()).some(({ id }) => id === organization.id))
    await assert.rejects(directory.updateOrganization(newOrganization(), newEvent()), {
      code: 'organization_not_found',
    })
  })

  test('a connection comes back as it was written, dates and all', async () => {
    const { directory } = bench()
    const organization = newOrganization()
    await directory.createOrganization(organization, newEvent())
    const connection = { ...newConnection(organization.id), serviceProviderEntityId: 'urn:portal' }
    await directory.createConnection(connection, newEvent())
    assert.deepEqual(await directory.findConnection(connection.id), connection)
    assert.deepEqual(await directory.listConnections(organization.id), [connection])
    assert.ok((await directory.listConnections()).some(({ id }) => id === connection.id))
    assert.equal(await directory.findConnection('nothing'), undefined)
  })

  test('a changed connection has a higher version; without its organization it is not found', async () => {
    const { directory, newConnection: open } = bench()
    const { serviceProviderEntityId: _, ...connection } = await open()
    const changed = { ...connection, name: 'Other', settings: { ...connection.settings, jitProvisioning: false } }
    await directory.updateConnection(changed, newEvent())
    assert.deepEqual(await directory.findConnection(connection.id), { ...changed, version: 2 })
    await assert.rejects(directory.updateConnection({ ...changed, organizationId: 'other' }, newEvent()), {
      code: 'connection_not_found',
    })
    assert.equal((await directory.findConnection(connection.id))?.version, 2)
  })

  test('a connection that has another version is not changed, and nothing is written', async () => {
    const { directory, countRows, newConnection: open } = bench()
    const connection = await open()
    await directory.updateConnection({ ...connection, name: 'First' }, newEvent('test.updated'))
    const before = await countRows()
    await assert.rejects(directory.updateConnection({ ...connection, name: 'Second' }, newEvent()), {
      code: 'connection_changed',
    })
    assert.deepEqual(await countRows(), before)
    const versions = await directory.listConnectionVersions(connection, 10)
    assert.deepEqual(
      versions.map(({ version, actor, action, configuration }) => [version, actor, action, configuration.name]),
      [
        [2, 'cli', 'test.updated', 'First'],
        [1, 'cli', 'test.done', connection.name],
      ],
    )
    const first = await directory.findConnectionVersion(connection, 1)
    assert.deepEqual(first?.configuration, configurationOf(connection))
  })

  test('a connection needs an organization and a name that no organization uses; a refusal writes nothing', async () => {
    const { directory, countRows, newConnection: open } = bench()
    const [connection, other] = [await open(), await open()]
    const before = await countRows()
    await assert.rejects(directory.createConnection(newConnection('missing'), newEvent()), {
      code: 'organization_not_found',
    })
    await assert.rejects(
      directory.createConnection({ ...newConnection(other.organizationId), id: connection.id }, newEvent()),
      { code: 'connection_exists' },
    )
    assert.deepEqual(await countRows(), before)
  })

  test('a role exists once in its organization and once in another', async () => {
    const { directory, countRows, newConnection: open } = bench()
    const [first, second] = [await open(), await open()]
    const role = {
      organizationId: first.organizationId,
      name: 'manager',
      description: 'x',
      kind: 'application',
    } as const
    await directory.createRole(role, newEvent())
    await directory.createRole({ ...role, organizationId: second.organizationId }, newEvent())
    const before = await countRows()
    await assert.rejects(directory.createRole(role, newEvent()), { code: 'role_exists' })
    await assert.rejects(directory.createRole({ ...role, organizationId: 'missing' }, newEvent()), {
      code: 'organization_not_found',
    })
    await assert.rejects(directory.updateRole({ ...role, name: 'missing' }, newEvent()), { code: 'role_not_found' })
    assert.deepEqual(await countRows(), before)
    await directory.updateRole({ ...role, description: 'leads', kind: 'administration' }, newEvent())
    assert.deepEqual((await directory.listRoles(role.organizationId))[2], { ...role, description: 'leads' })
  })

  test('an application is replaced by id; its host name belongs to it alone, whatever the port', async () => {
    const { directory, countRows } = bench()
    const application = newApplication()
    await directory.saveApplication({ ...application, version: 7 }, newEvent())
    await directory.saveApplication({ ...application, name: 'Perks' }, newEvent())
    const saved = (await directory.listApplications()).find(({ id }) => id === application.id)
    assert.deepEqual(saved, { ...application, name: 'Perks', version: 2 })
    const origin = `${application.settings.origin}:8443`
    const rival = { ...application, id: newName('rival'), settings: { ...application.settings, origin } }
    const before = await countRows()
    await assert.rejects(directory.saveApplication(rival, newEvent()), { code: 'application_exists' })
    assert.deepEqual(await countRows(), before)
  })

  test('a transaction writes all or nothing, and goes on after a refusal that was caught', async () => {
    const { directory, countRows } = bench()
    const [first, second] = [newOrganization(), newOrganization()]
    const before = await countRows()
    await assert.rejects(
      directory.transaction(async (inside) => {
        await inside.createOrganization(first, newEvent())
        await inside.createRole(
          { organizationId: first.id, name: 'manager', description: '', kind: 'application' },
          newEvent(),
        )
        throw new Error('changed my mind')
      }),
      { message: 'changed my mind' },
    )
    assert.deepEqual(await countRows(), before)

    const found = await directory.transaction(async (inside) => {
      await inside.createOrganization(second, newEvent())
      const refusal: unknown = await inside.createOrganization(second, newEvent()).catch((error: unknown) => error)
      assert.ok(isLatchkeyError(refusal, 'organization_exists'))
      return inside.findOrganization(second.id)
    })
    assert.deepEqual(found, second)
    assert.deepEqual(await directory.findOrganization(second.id), second)
  })

  test('every act is recorded once, with its organization and its detail', async () => {
    const { pool, directory } = bench()
    const organization = newOrganization()
    const connection = newConnection(organization.id)
    const application = newApplication()
    const role = { organizationId: organization.id, name: 'manager', description: '', kind: 'application' } as const
    const events = Array.from({ length: 7 }, (_, index) => newEvent(`act.${index}`, later(index)))
    const next = events.values()
    const event = () => next.next().value ?? newEvent('one too many')
    await directory.createOrganization(organization, event())
    await directory.updateOrganization(organization, event())
    await directory.createConnection(connection, event())
    await directory.updateConnection(connection, event())
    await directory.createRole(role, event())
    await directory.updateRole(role, event())
    await directory.saveApplication(application, event())
    const { rows } = await pool.query(
      `
      select organization_id as "organizationId", id, at, actor, action, target, detail
      from audit_event
      where id = any ($1)
      order by action`,
      [events.map(({ id }) => id)],
    )
    const expected = events.map((given, index) => ({ organizationId: index < 6 ? organization.id : '', ...given }))
    assert.deepEqual(rows, expected)
  })

  test('a value the database cannot hold is refused and repeats no input', async () => {
    const { directory, countRows } = bench()
    const before = await countRows()
    const refusal: unknown = await directory
      .createOrganization({ ...newOrganization(), name: 'secret\u0000name' }, newEvent())
      .catch((error: unknown) => error)
    assert.ok(isLatchkeyError(refusal, 'input_invalid'))
    assert.doesNotMatch(JSON.stringify([refusal.detail, refusal.message, refusal.cause]), /secret/)
    assert.deepEqual(await countRows(), before)
  })

  test('of several nodes that make the first key of a purpose, one wins and all agree', async () => {
    const { directory } = bench()
    const keys = Array.from({ length: 8 }, (_, index) => ({
      id: newName('key'),
      purpose: 'jwt' as const,
      sealedPrivateKey: newHash(),
      publicPart: '{}',
      createdAt: later(index),
    }))
    const seen = await Promise.all(keys.map((key) => directory.ensureServiceKey(key)))
    assert.equal(seen[0]?.length, 1)
    for (const list of seen) assert.deepEqual(list, seen[0])
    assert.ok(keys.some((key) => key.id === seen[0]?.[0]?.id))
    assert.deepEqual(await directory.listServiceKeys('jwt'), seen[0])
    assert.deepEqual(await directory.listServiceKeys('saml-signing'), [])
    assert.ok((seen[0]?.[0]?.createdAt ?? now) >= now)
  })
}
