import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '../../src/admin/commands.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { benefitsOrigin, connectionId, createSignInWorld, nina, organizationId } from '../support/sign-in-world.ts'

forEachDatabase((kind, open) => {
  test(`demand 19: no sign-in reaches a local administrator, however the connection is set (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const { deps } = openWorldOffice(world)
    const run = (name: string, input: unknown) => runCommand(name, input, deps)
    await run('break-glass.create', { username: 'nina@company-a.example', roles: ['manager'] })
    await run('break-glass.create', { username: 'nina' })
    const before = await run('break-glass.list', {})
    const identities = async () => (await world.countRows()).identity
    const ended = { 'account-expiry-time': '2020-01-01T00:00:00Z' }
    const settings = [
      {},
      { linking: 'verifiedDomain' },
      { linking: 'approval' },
      { roleSync: 'authoritative', idpManagedRoles: true },
      { newAccounts: 'pending' },
    ] as const
    for (const change of settings) {
      await world.changeSettings(change)
      for (const attributes of [{}, ended]) {
        const person = { ...nina, attributes: { uid: 'nina', mail: 'nina@company-a.example', ...attributes } }
        const refused = await completeSignIn({ connectionId, samlResponse: world.issue(person) }, world.deps).then(
          () => assert.fail('let in'),
          (error: { code?: string; reference?: string; detail?: { advice?: string } }) => error,
        )
        assert.equal(refused.code, 'account_conflict', JSON.stringify(change))
        assert.match(refused.detail?.advice ?? '', /local administrator's, whom no connection may touch/)
        const attempt = refused.reference ?? ''
        const relink = run('account.relink', { account: 'nina', attempt })
        await assert.rejects(relink, { code: 'account_is_local' })
      }
    }
    assert.deepEqual(await run('break-glass.list', {}), before)
    assert.equal(await identities(), 0)
  })
})

test('an application lets in local administrators of organizations whose connections lead in, and no others', async (t) => {
  const { openTestDatabase } = await import('../support/databases.ts')
  const world = await createSignInWorld((await openTestDatabase('embedded', t)).pool)
  const { deps } = openWorldOffice(world)
  const declare = (connections: readonly string[]) =>
    runCommand(
      'declaration.apply',
      {
        declaration: {
          applications: { benefits: { origin: benefitsOrigin, upstream: 'http://127.0.0.1:1', connections } },
        },
      },
      deps,
    )
  for (const wrong of [
    [connectionId, 'break-glass:nobody'],
    ['break-glass:company-a'],
    [connectionId, 'break-glass:'],
    [connectionId, 'other:company-a'],
  ]) {
    await assert.rejects(declare(wrong), { code: 'input_invalid' }, wrong.join(' '))
  }
  await declare([connectionId, `break-glass:${organizationId}`])
  const [benefits] = await world.directory.listApplications()
  assert.deepEqual(benefits?.settings.connections, [connectionId, `break-glass:${organizationId}`])
})
