import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '../../src/admin/commands.ts'
import { connectionPublish } from '../../src/cli/commands/connection-publish.ts'
import { connectionSet } from '../../src/cli/commands/connection-set.ts'
import { freezeSettings } from '../../src/config/settings.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import type { Directory } from '../../src/directory/directory.ts'
import { LatchkeyError } from '../../src/errors.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { openReplays, person } from '../replay/replay-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, organizationId } from '../support/sign-in-world.ts'

const id = connectionId
const unconfirmed = { code: 'role_loss_unconfirmed' }

forEachDatabase((kind, open) => {
  async function openWorld(t: Parameters<typeof open>[0], settings: ConnectionSettingsInput = {}) {
    const world = await createSignInWorld((await open(t)).pool, settings)
    const office = openWorldOffice(world)
    const { signIn, keeper, failures } = openReplays(world)
    const arrive = async (...names: readonly [name: string, roles: string[]][]) => {
      for (const [name, role] of names) await signIn(person(name, { role, title: `had ${role.join(', ') || 'none'}` }))
      await keeper.flush()
      assert.deepEqual(failures, [])
    }
    const set = (change: ConnectionSettingsInput, answer = {}) =>
      office.run('connection.set', { id, settings: change, ...answer })
    const grant = (account: string, role: string) => office.run('account.grant', { account, role })
    const rolesOf = async (name: string) =>
      (await world.directory.findAccount(organizationId, name))?.grants
        .filter((one) => one.kind === 'role')
        .map((one) => one.name)
    const context = {
      settings: freezeSettings({}),
      administer: office.run,
      readInput: () => '',
      print: () => undefined,
      say: () => undefined,
    }
    return { world, office, arrive, set, grant, rolesOf, context }
  }

  test(`a change to authoritative says who loses what was given by hand, and is refused until that is confirmed (${kind})`, async (t) => {
    const { office, arrive, set, grant, rolesOf } = await openWorld(t)
    await arrive(['ada', ['employee']], ['bob', ['employee']], ['cleo', ['manager']])
    await grant('ada', 'manager')
    const before = await office.contents()

    await assert.rejects(set({ roleSync: 'authoritative' }), (error: LatchkeyError) => {
      assert.equal(error.code, 'role_loss_unconfirmed')
      assert.equal(error.detail.arrived, '1 lose roles or access: ada manager')
      return true
    })
    const dry = await set({ roleSync: 'authoritative' }, { dryRun: true })
    assert.equal(dry.written, false)
    const { people, replayed, losing, gaining, atRisk, lost } = dry.roleSync ?? assert.fail('nobody was told')
    assert.deepEqual(
      { replayed, losing, gaining, atRisk, lost },
      { replayed: 3, losing: 1, gaining: 0, atRisk: 0, lost: { manager: 1 } },
    )
    assert.deepEqual(
      people.map(({ username, loses, gains, mayLose }) => [username, loses, gains, mayLose]),
      [['ada', ['manager'], [], []]],
    )
    assert.equal(await office.contents(), before)

    assert.equal((await set({ roleSync: 'authoritative' }, { confirm: true })).written, true)
    await arrive(['ada', ['employee']])
    assert.deepEqual(await rolesOf('ada'), ['employee'])
  })

  test(`where nobody can lose anything no question is asked, and who would gain is told (${kind})`, async (t) => {
    const { arrive, set } = await openWorld(t, { roleSync: 'addOnly', defaultRole: 'employee' })
    await arrive(['ada', ['manager']])
    const { roleSync, written } = await set({ roleSync: 'reconcileOwned' })
    assert.deepEqual([written, roleSync?.losing, roleSync?.gaining], [true, 0, 0])
    assert.equal((await set({ roleSync: 'addOnly' })).written, true)
    // Another setting says nothing of roles.
    assert.equal((await set({ clockSkewSeconds: 30 })).roleSync, undefined)

    // Held from before and not arriving any more: kept by addOnly, taken by reconcileOwned, which then gives the default.
    await arrive(['ada', []])
    await assert.rejects(set({ roleSync: 'reconcileOwned' }), unconfirmed)
    const told = (await set({ roleSync: 'reconcileOwned' }, { dryRun: true })).roleSync
    assert.deepEqual([told?.lost, told?.gained], [{ manager: 1 }, { employee: 1 }])
  })

  test(`of people whose last sign-in is not kept, what they hold and may lose is told and must be confirmed (${kind})`, async (t) => {
    const { world, office, arrive, set, grant } = await openWorld(t, { roleSync: 'addOnly' })
    await arrive(['ada', ['manager']], ['bob', ['employee']], ['cleo', ['employee']])
    await grant('cleo', 'employee')
    await office.run('account.suspend', { account: 'bob' })
    await world.directory.pruneSignInInputs(new Date(Date.now() + 1000))

    const told = (await set({ roleSync: 'reconcileOwned' }, { dryRun: true })).roleSync
    // Bob may not enter in any case, and cleo keeps what was given by hand.
    assert.deepEqual([told?.replayed, told?.losing, told?.mayBeLost], [0, 0, { manager: 1 }])
    await assert.rejects(set({ roleSync: 'reconcileOwned' }), unconfirmed)
    // No secret: what may be kept cannot be opened.
    const deps = {
      ...office.deps,
      secret: () => {
        throw new LatchkeyError('configuration_invalid')
      },
    }
    await assert.rejects(
      runCommand('connection.set', { id, settings: { roleSync: 'reconcileOwned' } }, deps),
      unconfirmed,
    )
  })

  test(`switching managed roles off says who loses what assertions granted (${kind})`, async (t) => {
    const { arrive, set, rolesOf } = await openWorld(t)
    await arrive(['ada', ['manager']])
    await assert.rejects(set({ idpManagedRoles: false }), unconfirmed)
    const { roleSync } = await set({ idpManagedRoles: false }, { confirm: true })
    assert.deepEqual([roleSync?.from, roleSync?.to, roleSync?.lost], ['reconcileOwned', 'off', { manager: 1 }])
    await arrive(['ada', ['manager']])
    assert.deepEqual(await rolesOf('ada'), ['employee'])
  })

  test(`publishing, going back and applying a file ask the same question (${kind})`, async (t) => {
    const { office, arrive, grant, set, context } = await openWorld(t)
    await arrive(['ada', ['employee']])
    await grant('ada', 'manager')
    await office.run('connection.draft', { id, draft: { change: { roleSync: 'authoritative' } } })
    const declaration = await office.run('declaration.export', {})
    const connections = { ...declaration.organizations[organizationId]?.connections }
    connections[id] = {
      ...connections[id],
      settings: { ...connections[id]?.settings, roleSync: 'authoritative' },
    } as never
    const changed = {
      ...declaration,
      organizations: { [organizationId]: { ...declaration.organizations[organizationId], connections } },
    }
    const before = await office.contents()
    await assert.rejects(office.run('connection.publish', { id }), unconfirmed)
    await assert.rejects(office.run('declaration.apply', { declaration: changed }), unconfirmed)
    const { text } = await connectionPublish.run({ positionals: [id], flags: { 'dry-run': true } }, context)
    assert.match(text, /1 person loses roles or access \(manager 1\)\n.*ada +loses +manager\nNothing was written/s)
    const dry = await office.run('declaration.apply', { declaration: changed, dryRun: true })
    assert.deepEqual([dry.roleSync.map(({ lost }) => lost), dry.written], [[{ manager: 1 }], false])
    assert.equal(await office.contents(), before)

    assert.equal((await office.run('declaration.apply', { declaration: changed, confirm: true })).written, true)
    await set({ roleSync: 'reconcileOwned' })
    await assert.rejects(office.run('connection.rollback', { id, version: 2 }), unconfirmed)
    assert.equal((await office.run('connection.rollback', { id, version: 2, confirm: true })).version, 4)
  })

  test(`the command line refuses without --yes and says who it is about (${kind})`, async (t) => {
    const { arrive, grant, context } = await openWorld(t)
    await arrive(['ada', ['employee']])
    await grant('ada', 'manager')
    const given = (flags: object) => ({ positionals: [id], flags: { set: ['roleSync=authoritative'], ...flags } })
    await assert.rejects(connectionSet.run(given({}), context), unconfirmed)
    const dry = await connectionSet.run(given({ 'dry-run': true }), context)
    assert.match(
      dry.text,
      /reconcileOwned → authoritative\.\n {2}1 person loses.*Nothing was written \(--dry-run\)\.$/s,
    )
    const written = await connectionSet.run(given({ yes: true }), context)
    assert.match(written.text, /^~ connection company-a.*ada +loses +manager$/s)
  })

  test(`a change is not written to another version than it was asked about (${kind})`, async (t) => {
    const { world, office, arrive } = await openWorld(t)
    await arrive(['ada', ['employee']])
    await office.run('connection.draft', { id, draft: { change: { roleSync: 'authoritative' } } })
    // Somebody else changes the connection while it is read whom the change concerns.
    let changes = 0
    const directory: Directory = {
      ...world.directory,
      listRoleHolders: async (...page) => {
        changes++
        await world.changeSettings({ clockSkewSeconds: 30 + changes })
        return world.directory.listRoleHolders(...page)
      },
    }
    const deps = { ...office.deps, directory }
    await assert.rejects(runCommand('connection.publish', { id }, deps), { code: 'connection_changed' })
    assert.equal((await world.connection()).settings.roleSync, 'reconcileOwned')
    await assert.rejects(runCommand('connection.set', { id, settings: { roleSync: 'authoritative' } }, deps), {
      code: 'connection_changed',
    })
    assert.equal((await world.connection()).settings.roleSync, 'reconcileOwned')
  })
})
