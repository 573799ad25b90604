import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { DeclarationInput } from '../../src/admin/declaration.ts'
import type { LatchkeyError } from '../../src/errors.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, organizationId } from '../support/sign-in-world.ts'

type Declared = NonNullable<DeclarationInput['organizations']>[string]

const day = 86_400_000
const settings = { attributeMapping: { employeeType: { attributes: ['employeeType'] } } }
const contractors = (limits: object): Declared => ({
  accountTypes: [
    { name: 'contractor', when: 'fields.first("employeeType") == "external"', ...limits },
    { name: 'staff', maxSessionHours: 5 },
  ],
})
const external = { employeeType: 'external' }

forEachDatabase((kind, open) => {
  async function openWorld(t: Parameters<typeof open>[0], limits: object) {
    const world = await createSignInWorld((await open(t)).pool, settings)
    const office = openWorldOffice(world)
    const declare = (declared: Declared) =>
      office.run('declaration.apply', { declaration: { organizations: { [organizationId]: declared } } })
    await declare(contractors(limits))
    const person = (more: Record<string, string>) => ({ ...nina, attributes: { ...nina.attributes, ...more } })
    const signIn = (more: Record<string, string>) =>
      completeSignIn({ connectionId, samlResponse: world.issue(person(more)) }, world.deps)
    const preview = (more: Record<string, string>) =>
      office.run('connection.preview', {
        id: connectionId,
        person: { nameId: { value: nina.nameId }, attributes: person(more).attributes },
      })
    const account = async () => {
      const found = await world.directory.findAccount(organizationId, 'nina')
      if (found === undefined) throw new Error('nina has no account')
      return found.account
    }
    const age = (days: number) =>
      world.pool.query('update account set created_at = created_at - make_interval(days => $1)', [days])
    const sessions = async () => (await world.countRows()).session
    return { world, office, declare, signIn, preview, account, age, sessions }
  }

  test(`an account ends when its type says, counted from its creation, and no longer when it is of another type (${kind})`, async (t) => {
    const { signIn, preview, account } = await openWorld(t, { expiresAfterDays: 90 })
    const told = (await preview(external)).plan
    assert.equal(told?.endsByType, true)

    await signIn(external)
    const { createdAt, expiresAt, endsByType, version } = await account()
    assert.deepEqual([expiresAt, endsByType], [new Date(createdAt.getTime() + 90 * day), true])
    // Nothing is written again.
    await signIn(external)
    assert.equal((await account()).version, version)

    await signIn({ employeeType: 'internal' })
    const { expiresAt: end, endsByType: by } = await account()
    assert.deepEqual([end, by], [undefined, undefined])
  })

  test(`an end that arrives counts more than the type's, and stays when none arrives (${kind})`, async (t) => {
    const { signIn, account } = await openWorld(t, { expiresAfterDays: 90 })
    await signIn(external)
    const named = new Date('2199-01-01T00:00:00Z')
    await signIn({ ...external, 'account-expiry-time': named.toISOString() })
    const first = await account()
    assert.deepEqual([first.expiresAt, first.endsByType], [named, undefined])
    await signIn(external)
    const later = await account()
    assert.deepEqual([later.expiresAt, later.endsByType], [named, undefined])
    // The very moment that the type would say, said by the assertion, is the assertion's.
    const same = new Date(first.createdAt.getTime() + 90 * day)
    await signIn({ ...external, 'account-expiry-time': same.toISOString() })
    assert.equal((await account()).endsByType, undefined)
  })

  test(`an account past the life of its type is ended with its sessions, and comes back when the type lives longer (${kind})`, async (t) => {
    const { signIn, preview, account, age, sessions, declare } = await openWorld(t, {})
    await signIn(external)
    await age(100)
    assert.equal(await sessions(), 1)
    await declare(contractors({ expiresAfterDays: 90 }))

    const { outcome, refusal } = await preview(external)
    assert.deepEqual([outcome, refusal?.code], ['refused', 'account_expired'])
    assert.equal(await sessions(), 1)

    await assert.rejects(signIn(external), (error: LatchkeyError) => {
      assert.deepEqual([error.code, error.detail.at], ['account_expired', 'account type contractor: expiresAfterDays'])
      return true
    })
    const ended = await account()
    assert.deepEqual(
      [ended.expiresAt, ended.endsByType, await sessions()],
      [new Date(ended.createdAt.getTime() + 90 * day), true, 0],
    )

    await declare(contractors({ expiresAfterDays: 120 }))
    await signIn(external)
    const again = await account()
    assert.deepEqual(again.expiresAt, new Date(again.createdAt.getTime() + 120 * day))
  })

  test(`a session lasts no longer than the type of the account allows, nor than the settings allow (${kind})`, async (t) => {
    const { signIn, preview, declare, world } = await openWorld(t, { maxSessionHours: 0.5 })
    const lasts = async (more: Record<string, string>) => {
      await signIn(more)
      const { rows } = await world.pool.query<{ hours: string }>(
        'select extract(epoch from expires_at - created_at) / 3600 as hours from session order by created_at desc limit 1',
      )
      return Number(rows[0]?.hours)
    }
    assert.equal(await lasts(external), 0.5)
    assert.equal(await lasts({}), 5)
    assert.deepEqual((await preview(external)).plan?.sessionLimit, { seconds: 1800, rule: 'account type contractor' })
    await declare(contractors({ maxSessionHours: 1000 }))
    assert.equal(await lasts(external), 8)
  })

  test(`limits are exported and applied again without a change, and refused where they make no sense (${kind})`, async (t) => {
    const { office, declare } = await openWorld(t, { maxSessionHours: 2, expiresAfterDays: 90 })
    const declaration = await office.run('declaration.export', {})
    const [contractor] = declaration.organizations[organizationId]?.accountTypes ?? []
    assert.deepEqual([contractor?.maxSessionHours, contractor?.expiresAfterDays], [2, 90])
    assert.deepEqual((await office.run('declaration.apply', { declaration })).changes, [])
    const before = await office.contents()
    for (const wrong of [{ maxSessionHours: 0 }, { expiresAfterDays: 0 }, { expiresAfterDays: 1.5 }]) {
      await assert.rejects(declare(contractors(wrong)), { code: 'input_invalid' })
    }
    assert.equal(await office.contents(), before)
  })
})
