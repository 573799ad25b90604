import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '../../src/admin/commands.ts'
import type { DeclarationInput } from '../../src/admin/declaration.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import { LatchkeyError } from '../../src/errors.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openModules } from '../mapping-modules/module-files.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, organizationId } from '../support/sign-in-world.ts'

type Declared = NonNullable<DeclarationInput['organizations']>[string]

const settings: ConnectionSettingsInput = {
  allowIdpInitiated: true,
  grantableRoles: ['employee', 'manager'],
  attributeMapping: {
    badge: { attributes: ['badge'] },
    costCentre: { attributes: ['costCentre'] },
    employeeType: { attributes: ['employeeType'] },
  },
}

forEachDatabase((kind, open) => {
  async function openWorld(t: Parameters<typeof open>[0], declared: Declared) {
    const world = await createSignInWorld((await open(t)).pool, settings)
    const office = openWorldOffice(world)
    const declare = (more: Declared, dryRun = false) =>
      office.run('declaration.apply', { declaration: { organizations: { [organizationId]: more } }, dryRun })
    await declare(declared)
    const signIn = (name: string, attributes: Record<string, string | string[]>) =>
      completeSignIn(
        {
          connectionId,
          samlResponse: world.issue({ nameId: name, attributes: { ...nina.attributes, uid: name, ...attributes } }),
        },
        world.deps,
      )
    /** Refused with this code, and nothing but the attempt was written. */
    const assertRefused = async (run: () => Promise<unknown>, code: string, detail: RegExp) => {
      const before = await world.countRows()
      await assert.rejects(run, (error: LatchkeyError) => {
        assert.equal(error.code, code)
        assert.match(JSON.stringify(error.detail), detail)
        return true
      })
      assert.deepEqual(await world.countRows(), { ...before, sign_in_attempt: (before.sign_in_attempt ?? 0) + 1 })
    }
    const fieldsOf = async (name: string) => (await world.directory.findAccount(organizationId, name))?.account.fields
    return { world, office, declare, signIn, assertRefused, fieldsOf }
  }

  test(`a declared type makes other values malformed, and a required field refuses who has none (${kind})`, async (t) => {
    const customFields = { badge: { required: true }, costCentre: { type: 'number' as const } }
    const { signIn, assertRefused, fieldsOf } = await openWorld(t, { customFields })
    await assertRefused(() => signIn('a', {}), 'attribute_missing', /required field","wanted":"badge"/)
    await assertRefused(() => signIn('a', { badge: '1', costCentre: 'x' }), 'attribute_invalid', /a number like/)
    await signIn('a', { badge: '1', costCentre: '12.5' })
    // What is there already need not arrive again.
    await signIn('a', { title: 'Lead' })
    assert.deepEqual((await fieldsOf('a'))?.badge?.values, ['1'])
  })

  test(`a unique value belongs to one account of the organization, whoever comes second (${kind})`, async (t) => {
    const { signIn, assertRefused, fieldsOf, declare, world } = await openWorld(t, {
      customFields: { badge: { unique: true } },
    })
    await signIn('a', { badge: ['4711', '4712'] })
    await assertRefused(() => signIn('b', { badge: '4712' }), 'account_field_conflict', /unique field badge/)
    await signIn('b', { badge: '0815' })
    await assertRefused(() => signIn('b', { badge: '4711' }), 'account_field_conflict', /./)
    // Given up by the one, it is free for the other.
    await signIn('a', { badge: '4712' })
    await signIn('b', { badge: '4711' })
    assert.deepEqual((await fieldsOf('b'))?.badge?.values, ['4711'])

    // Two at once: one of them has it.
    const both = await Promise.allSettled([signIn('c', { badge: '1' }), signIn('d', { badge: '1' })])
    const refusals = both.flatMap((one) => (one.status === 'rejected' ? [(one.reason as LatchkeyError).code] : []))
    assert.deepEqual(refusals, ['account_field_conflict'])

    // Declared later, what is there already counts.
    await declare({ customFields: {} })
    await signIn('e', { badge: '4711' })
    const before = await world.countRows()
    for (const dryRun of [true, false]) {
      await assert.rejects(declare({ customFields: { badge: { unique: true } } }, dryRun), (error) => {
        assert.ok(error instanceof LatchkeyError)
        assert.deepEqual([error.code, error.detail.check], ['account_field_conflict', 'unique field badge'])
        return true
      })
    }
    assert.deepEqual(await world.countRows(), before)
  })

  test(`an account type is chosen for who is new and who is known, and decides roles and required fields (${kind})`, async (t) => {
    const { signIn, assertRefused, fieldsOf, world } = await openWorld(t, {
      accountTypes: [
        {
          name: 'contractor',
          when: 'fields.first("employeeType") == "external"',
          requiredFields: ['badge'],
          defaultRole: 'employee',
          mayHold: ['employee'],
        },
        { name: 'visitor', when: 'fields.first("employeeType") == "visitor"', mayHold: ['manager'] },
        { name: 'staff' },
      ],
    })
    const rolesOf = async (name: string) =>
      (await world.directory.findAccount(organizationId, name))?.grants
        .filter((grant) => grant.kind === 'role')
        .map((grant) => `${grant.name} (${grant.rule})`)
    await signIn('a', { role: ['manager'] })
    assert.deepEqual(await rolesOf('a'), ['manager (assertion-role)'])
    const { values, rule } = (await fieldsOf('a'))?.accountType ?? {}
    assert.deepEqual([values, rule], [['staff'], 'account-type'])

    const external = { employeeType: 'external', role: ['manager'] }
    await assertRefused(() => signIn('a', external), 'attribute_missing', /account type contractor/)
    await signIn('a', { ...external, badge: '1' })
    assert.deepEqual(await rolesOf('a'), ['employee (default-role)'])
    assert.deepEqual((await fieldsOf('a'))?.accountType?.values, ['contractor'])

    // The connection's default role is not among those that the type may hold.
    await signIn('v', { employeeType: 'visitor', role: ['employee'] })
    assert.deepEqual(await rolesOf('v'), [])
    await signIn('a', { employeeType: 'visitor', role: [] })
    assert.deepEqual(await rolesOf('a'), [])
  })

  test(`declarations are exported, applied again without a change, and refused where they cannot work (${kind})`, async (t) => {
    const { office, declare } = await openWorld(t, {
      customFields: { badge: { sensitive: true } },
      accountTypes: [{ name: 'staff', when: 'username != ""', defaultRole: 'employee' }],
    })
    const declaration = await office.run('declaration.export', {})
    const exported = declaration.organizations[organizationId]
    assert.deepEqual(exported?.customFields, {
      badge: { type: 'text', required: false, unique: false, sensitive: true },
    })
    assert.deepEqual((await office.run('declaration.apply', { declaration })).changes, [])
    const before = await office.contents()
    const accountTypes = (more: object) => declare({ accountTypes: [{ name: 'x', ...more }] })
    const place = `organizations.${organizationId}.accountTypes.0`
    await assert.rejects(accountTypes({ when: 'usrname == ""' }), (error: LatchkeyError) => {
      assert.deepEqual([error.code, error.detail.at], ['input_invalid', `${place}.when: position 1`])
      return true
    })
    await assert.rejects(accountTypes({ defaultRole: 'nobody' }), { code: 'role_not_found' })
    await assert.rejects(accountTypes({ mayHold: ['latchkey-administrator'] }), { code: 'role_not_grantable' })
    await assert.rejects(accountTypes({ defaultRole: 'employee', mayHold: ['manager'] }), (error: LatchkeyError) => {
      assert.deepEqual([error.code, error.detail.at], ['input_invalid', place])
      return true
    })
    assert.equal(await office.contents(), before)
  })

  test(`sensitive values are masked until they are revealed, which is recorded (${kind})`, async (t) => {
    const { office, signIn, world } = await openWorld(t, { customFields: { badge: { sensitive: true } } })
    await signIn('a', { badge: '4711' })
    const shown = await office.run('account.show', { account: 'a' })
    assert.doesNotMatch(JSON.stringify(shown), /4711/)
    assert.deepEqual(shown.account.fields.badge?.values, ['•••'])
    assert.doesNotMatch(JSON.stringify(await office.run('account.list', {})), /4711/)
    const before = await world.countRows()
    const revealed = await office.run('account.reveal', { account: 'a' })
    assert.deepEqual(revealed.account.fields.badge?.values, ['4711'])
    assert.deepEqual(await world.countRows(), { ...before, audit_event: (before.audit_event ?? 0) + 1 })
  })

  test(`a preview masks sensitive values in what a module was given and gave, and where a rule made a role of one (${kind})`, async (t) => {
    const { office } = await openWorld(t, { customFields: { badge: { sensitive: true } } })
    const source =
      "export default ({ attributes }) => ({ fields: { badge: attributes.b }, roles: attributes.b, groups: ['g-' + attributes.b] })"
    const deps = { ...office.deps, mappingModules: openModules(t, { hr: source }) }
    const roleRules = [{ name: 'by badge', attributes: ['b'] }]
    const preview = (reveal: boolean) => {
      const person = { nameId: { value: 'a' }, attributes: { b: ['secret-4711'] } }
      const draft = { change: { mappingModule: 'hr', attributeMapping: {}, roleRules, groupAttributes: [] } }
      return runCommand('connection.preview', { id: connectionId, person, draft, reveal }, deps)
    }
    const masked = JSON.stringify(await preview(false)).replaceAll('g-secret-4711', '')
    assert.doesNotMatch(masked, /secret-4711/)
    assert.match(masked, /"input":.*"b":\["•••"\]/)
    assert.match(JSON.stringify(await preview(true)), /"b":\["secret-4711"\]/)
  })
})
