import assert from 'node:assert/strict'
import { test } from 'node:test'
import { runCommand } from '../../src/admin/commands.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import type { LatchkeyError } from '../../src/errors.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openModules } from '../mapping-modules/module-files.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { openReplays } from '../replay/replay-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, organizationId } from '../support/sign-in-world.ts'

/** What it does is what the attribute `do` says. */
const hr = `export default ({ attributes, nameId, authnContext }) => {
  const [what] = attributes.do ?? []
  if (what === 'throw') throw new TypeError('salary 4711')
  if (what === 'exit') process.exit(1)
  if (what === 'control') return { fields: { title: 'a\\u0000b' } }
  if (what === 'word') return { fields: { badge: 'not a number' } }
  if (what === 'clear') return { fields: { costCentre: [] } }
  return {
    fields: { costCentre: 'CC ' + nameId.value, title: 'by module', mail: 'm@b.example', badge: '12' },
    groups: ['from-module', 'staff', ' '],
    roles: what === 'none' ? [] : ['manager', 'latchkey-administrator', 'owner', 'auditor'],
  }
}`

const settings: ConnectionSettingsInput = {
  mappingModule: 'hr',
  attributeMapping: { title: { name: 'title by rule', attributes: ['title'] }, department: false },
  groupPrefix: 'a/',
  grantableGroups: ['a/staff', 'a/from-*'],
  grantableRoles: ['employee', 'manager'],
}

forEachDatabase((kind, open) => {
  async function openWorld(t: Parameters<typeof open>[0], changed: ConnectionSettingsInput = {}) {
    const world = await createSignInWorld((await open(t)).pool, { ...settings, ...changed })
    const mappingModules = openModules(t, { hr, other: 'export default () => ({ roles: [] })' })
    const office = openWorldOffice(world)
    const deps = { ...world.deps, mappingModules }
    const admin = { ...office, deps: { ...office.deps, mappingModules } }
    const person = (more: Record<string, string | string[]> = {}) => ({
      ...nina,
      attributes: { ...nina.attributes, ...more },
    })
    const signIn = (more: Record<string, string | string[]> = {}) =>
      completeSignIn({ connectionId, samlResponse: world.issue(person(more)) }, deps)
    /** Refused with this code, and nothing but the attempt was written. */
    const assertRefused = async (what: string, code: string, detail: RegExp) => {
      const before = await world.countRows()
      await assert.rejects(signIn({ do: what }), (error: LatchkeyError) => {
        assert.equal(error.code, code)
        assert.match(JSON.stringify(error.detail), detail)
        return true
      })
      assert.deepEqual(await world.countRows(), { ...before, sign_in_attempt: (before.sign_in_attempt ?? 0) + 1 })
    }
    const account = async () => {
      const found = await world.directory.findAccount(organizationId, 'nina')
      if (found === undefined) throw new Error('nina has no account')
      const grants = (of: 'role' | 'group') =>
        Object.fromEntries(found.grants.filter((grant) => grant.kind === of).map(({ name, rule }) => [name, rule]))
      return { fields: found.account.fields, roles: grants('role'), groups: grants('group') }
    }
    return { world, office, admin, deps, person, signIn, assertRefused, account, mappingModules }
  }

  test(`a module maps beside rules: its fields, roles and groups stand under its name, within what the connection may grant (${kind})`, async (t) => {
    const { signIn, account } = await openWorld(t)
    await signIn()
    const { fields, roles, groups } = await account()
    const ruleOf = (field: string) => [fields[field]?.values, fields[field]?.rule]
    assert.deepEqual(ruleOf('costCentre'), [['CC nina-7f3k'], 'module:hr'])
    // A rule of the connection goes before, the usual names after.
    assert.deepEqual(ruleOf('title'), [['Analyst'], 'title by rule'])
    assert.deepEqual(ruleOf('mail'), [['m@b.example'], 'module:hr'])
    assert.deepEqual(ruleOf('cn'), [['Nina Newcomer'], 'cn'])
    // Not the administrator's role, none that does not exist, none that the connection may not grant.
    assert.deepEqual(roles, { employee: 'assertion-role', manager: 'module:hr' })
    assert.deepEqual(groups, { 'a/staff': 'assertion-group', 'a/from-module': 'module:hr' })

    await signIn({ do: 'none' })
    assert.deepEqual((await account()).roles, { employee: 'assertion-role' })
    await signIn({ do: 'clear' })
    assert.equal((await account()).fields.costCentre, undefined)
  })

  test(`a module that throws, ends or gives what cannot be kept refuses its sign-in, writes nothing, and the next is accepted (${kind})`, async (t) => {
    const { assertRefused, signIn, account } = await openWorld(t)
    await assertRefused('throw', 'mapping_module_failed', /"arrived":"TypeError at line/)
    await assertRefused('exit', 'mapping_module_failed', /process\.exit/)
    await assertRefused('control', 'mapping_module_result_invalid', /U\+0000.*fields\.title/)
    await signIn()
    assert.equal((await account()).fields.costCentre?.rule, 'module:hr')
  })

  test(`values of a module are of the type that the organization declares (${kind})`, async (t) => {
    const { office, assertRefused, signIn } = await openWorld(t)
    const customFields = { badge: { type: 'number' as const } }
    await office.run('declaration.apply', { declaration: { organizations: { [organizationId]: { customFields } } } })
    await assertRefused('word', 'attribute_invalid', /module:hr/)
    await signIn()
  })

  test(`while the groups are unknown, what a module granted stays (${kind})`, async (t) => {
    const { signIn, account } = await openWorld(t)
    await signIn()
    await signIn({ do: 'none', groups: [], 'http://schemas.microsoft.com/claims/groups.link': 'https://graph.example' })
    assert.equal((await account()).roles.manager, 'module:hr')
  })

  test(`a connection whose module is not there refuses everybody and maps nobody without it (${kind})`, async (t) => {
    const { world, deps, person } = await openWorld(t)
    const { mappingModules: _gone, ...without } = deps
    const before = await world.countRows()
    for (const some of [without, { ...deps, mappingModules: openModules(t, { other: 'export default () => ({})' }) }]) {
      const signIn = completeSignIn({ connectionId, samlResponse: world.issue(person()) }, some)
      await assert.rejects(signIn, { code: 'mapping_module_unknown' })
    }
    assert.equal((await world.countRows()).account, before.account)
  })

  test(`only a name from the installation's settings can be saved (${kind})`, async (t) => {
    const { office, admin, world } = await openWorld(t)
    const set = (mappingModule: string | null, deps = admin.deps) =>
      runCommand('connection.set', { id: connectionId, settings: { mappingModule } }, deps)
    const before = await office.contents()
    for (const name of ['nobody', '../../hr.mjs', '/etc/hr.mjs', 'constructor']) {
      await assert.rejects(set(name), { code: 'input_invalid' })
    }
    const draft = { change: { mappingModule: 'nobody' } }
    await assert.rejects(runCommand('connection.draft', { id: connectionId, draft }, admin.deps), {
      code: 'input_invalid',
    })
    assert.equal(await office.contents(), before)
    await set('other')
    assert.equal((await world.connection()).settings.mappingModule, 'other')
    const declaration = await office.run('declaration.export', {})
    const applied = await runCommand('declaration.apply', { declaration }, admin.deps)
    assert.deepEqual((applied as { readonly changes: unknown }).changes, [])
  })

  test(`a preview tells what the module was given and gave, and does what the sign-in then does (${kind})`, async (t) => {
    const { admin, office, person, signIn, account } = await openWorld(t)
    const preview = async (more: Record<string, string> = {}) => {
      const typed = { nameId: { value: nina.nameId }, attributes: person(more).attributes }
      const told = await runCommand('connection.preview', { id: connectionId, person: typed }, admin.deps)
      return told as Awaited<ReturnType<typeof office.run<'connection.preview'>>>
    }
    const before = await office.contents()
    const { consulted, plan, outcome } = await preview()
    assert.equal(outcome, 'accepted')
    assert.deepEqual(consulted?.input.attributes.title, ['Analyst'])
    assert.deepEqual(consulted?.roles, ['manager', 'latchkey-administrator', 'owner', 'auditor'])
    assert.deepEqual(
      consulted?.fields.map(({ field }) => field),
      ['costCentre', 'title', 'mail', 'badge'],
    )
    const refused = await preview({ do: 'throw' })
    assert.deepEqual([refused.outcome, refused.refusal?.code], ['refused', 'mapping_module_failed'])
    assert.equal(await office.contents(), before)

    await signIn()
    const { roles } = await account()
    assert.deepEqual(
      plan?.granted.filter((grant) => grant.kind === 'role').map(({ name, rule }) => [name, rule]),
      Object.entries(roles),
    )
  })

  test(`the trace keeps which module was asked and what it gave, its values masked until they are revealed (${kind})`, async (t) => {
    const { world, office, signIn } = await openWorld(t)
    await signIn()
    const [listed] = await world.directory.listAttempts({ organizationId, limit: 1 })
    const step = listed?.trace.find((one) => one.step === 'consult')
    assert.equal(step?.notes?.module, 'hr')
    assert.deepEqual(step.notes.gaveRoles, ['manager', 'latchkey-administrator', 'owner', 'auditor'])
    const [shown] = await office.run('attempt.list', {})
    assert.doesNotMatch(JSON.stringify(shown), /CC nina/)
    const revealed = await office.run('attempt.reveal', { reference: shown?.reference ?? '' })
    assert.match(JSON.stringify(revealed), /CC nina-7f3k/)
  })

  test(`a replay says what another module would change (${kind})`, async (t) => {
    const { world, admin, person, mappingModules } = await openWorld(t)
    const { keeper } = openReplays(world)
    const keeping = { ...world.deps, mappingModules, keepInput: keeper.keep }
    await completeSignIn({ connectionId, samlResponse: world.issue(person()) }, keeping)
    await keeper.close()
    const replay = async (change: object) => {
      const page = await runCommand('connection.replay', { id: connectionId, draft: { change } }, admin.deps)
      return (page as { readonly changes: readonly { readonly loses: readonly string[] }[] }).changes
    }
    assert.deepEqual(await replay({}), [])
    const [change] = await replay({ mappingModule: 'other' })
    assert.deepEqual(change?.loses, ['group a/from-module', 'role manager'])
  })
})
