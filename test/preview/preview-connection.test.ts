import assert from 'node:assert/strict'
import { test } from 'node:test'
import { connectionPreview } from '../../src/cli/commands/connection-preview.ts'
import { freezeSettings } from '../../src/config/settings.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, organizationId } from '../support/sign-in-world.ts'
import { openWorldOffice, type WorldOffice } from './office-of-world.ts'

const id = connectionId
const promoted = {
  ...nina,
  attributes: { ...nina.attributes, title: 'Lead', role: ['manager', 'owner'], groups: ['staff'] },
}

/** Runs a preview and asserts that not one row of any table is another afterwards. */
async function preview(office: WorldOffice, input: Omit<Parameters<typeof runPreview>[1], 'id'>) {
  const before = await office.contents()
  const result = await runPreview(office, { id, ...input })
  assert.equal(await office.contents(), before)
  return result
}

function runPreview(office: WorldOffice, input: Parameters<typeof office.run<'connection.preview'>>[1]) {
  return office.run('connection.preview', input)
}

forEachDatabase((kind, open) => {
  test(`demand 13: a preview names the condition that would refuse, and still tells the plan (${kind})`, async (t) => {
    const conditions = [{ name: 'nobody', verdict: 'deny' as const, message: 'Not yet.' }]
    const world = await createSignInWorld((await open(t)).pool, { conditions })
    const { outcome, findings, plan } = await preview(openWorldOffice(world), { response: world.issue(nina) })
    assert.equal(outcome, 'refused')
    assert.deepEqual(
      findings.map(({ code, check, explanation }) => [code, check, explanation]),
      [['sign_in_denied', 'condition nobody', 'Not yet.']],
    )
    assert.equal(plan?.kind, 'create')
  })

  test(`demand 11: a preview of a pasted assertion tells the plan that the sign-in then carries out, and writes nothing (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const response = world.issue(nina)
    const first = await preview(office, { response })
    assert.equal(first.outcome, 'accepted')
    assert.deepEqual(first.findings, [])
    assert.equal(first.match?.account, undefined)
    assert.equal(first.plan?.kind, 'create')
    assert.deepEqual(
      first.plan?.fields.find(({ field }) => field === 'title'),
      { field: 'title', after: { values: ['Analyst'], source: 'connection:company-a', rule: 'title' } },
    )
    assert.deepEqual(first.plan?.granted.map(({ kind: of, name, rule }) => `${of} ${name} by ${rule}`).sort(), [
      'group berlin by assertion-group',
      'group staff by assertion-group',
      'role employee by assertion-role',
    ])
    const [benefits] = first.applications
    assert.deepEqual(
      benefits?.headers?.map(({ name, value }) => `${name}: ${value}`),
      [
        'Remote-User: nina',
        'Remote-Email: nina@company-a.example',
        'Remote-Name: Nina Newcomer',
        'Remote-Groups: berlin,staff',
        'Remote-Roles: employee',
      ],
    )

    await completeSignIn({ connectionId, samlResponse: response }, world.deps)
    const second = await preview(office, { response: world.issue(promoted) })
    assert.equal(second.match?.account?.username, 'nina')
    assert.equal(second.match?.by, 'connection and subject key')
    assert.deepEqual(
      second.plan?.fields.map(({ field, before, after }) => [field, before?.values, after?.values]),
      [
        ['role', ['employee'], ['manager', 'owner']],
        ['title', ['Analyst'], ['Lead']],
      ],
    )
    assert.deepEqual(
      second.plan?.granted.map(({ name }) => name),
      ['manager'],
    )
    assert.deepEqual(second.plan?.revoked.map(({ name }) => name).sort(), ['berlin', 'employee'])
    assert.deepEqual(
      second.plan?.setAside.map(({ subject, value }) => `${subject} ${value}`),
      ['role owner'],
    )

    await completeSignIn({ connectionId, samlResponse: world.issue(promoted) }, world.deps)
    const now = await world.directory.findAccount(organizationId, 'nina')
    assert.deepEqual(now?.grants.map(({ name }) => name).sort(), ['manager', 'staff'])
  })

  test(`demand 11: a preview goes by a draft as if it were stored, and the stored connection stays (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    await completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps)
    const person = { nameId: { value: nina.nameId }, attributes: { uid: 'nina', role: 'employee', job: 'Lead' } }
    const kept = await preview(office, { person })
    const draft = { change: { idpManagedRoles: false, attributeMapping: { title: { attributes: ['job'] } } } }
    const drafted = await preview(office, { person, draft })
    assert.deepEqual([kept.isDraft, drafted.isDraft], [false, true])
    assert.deepEqual(kept.plan?.fields, [])
    assert.deepEqual(
      drafted.plan?.fields.map(({ field, after }) => [field, after?.values, after?.rule]),
      [['title', ['Lead'], 'job']],
    )
    // Roles an assertion granted are taken back when it may no longer say them; the default role stays.
    assert.deepEqual(drafted.plan?.revoked.map(({ kind: of, name }) => `${of} ${name}`).sort(), [
      'group berlin',
      'group staff',
    ])
    assert.equal((await world.connection()).version, 1)
  })

  test(`demand 11: a preview reports what has run out or was used, and goes on to the plan (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const response = world.issue(nina)
    await completeSignIn({ connectionId, samlResponse: response }, world.deps)
    const used = await preview(office, { response })
    assert.deepEqual(
      used.findings.map(({ code }) => code),
      ['assertion_replayed'],
    )
    assert.equal(used.outcome, 'refused')
    assert.equal(used.plan?.changes, false)

    const inAWeek = openWorldOffice(world, () => new Date(Date.now() + 7 * 86_400_000))
    const late = await preview(inAWeek, { response: world.issue(promoted) })
    assert.deepEqual(late.findings.map(({ code }) => code).slice(0, 1), ['saml_expired'])
    assert.equal(late.outcome, 'refused')
    assert.deepEqual(
      late.plan?.granted.map(({ name }) => name),
      ['manager'],
    )

    const unknown = await preview(office, { response: world.issue(nina, { inResponseTo: '_never-asked' }) })
    assert.deepEqual(
      unknown.findings.map(({ code }) => code),
      ['login_request_unknown'],
    )
    assert.notEqual(unknown.plan, undefined)
  })
})

forEachDatabase((kind, open) => {
  test(`demand 10: a preview names code, check, wanted, arrived and the side that must act, for every step (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const facts = async (input: Parameters<typeof preview>[1]) => {
      const { outcome, refusal, plan } = await preview(office, input)
      assert.equal(outcome, 'refused')
      assert.equal(plan, undefined)
      return [refusal?.code, refusal?.check, refusal?.wanted, refusal?.arrived, refusal?.fix]
    }
    assert.deepEqual(await facts({ response: world.issue(nina, { audience: 'urn:other' }) }), [
      'saml_audience_mismatch',
      'Audience',
      'http://latchkey.localhost:4400/sso/company-a/metadata',
      'urn:other',
      'identity-provider',
    ])
    assert.deepEqual((await facts({ response: 'not base64!' }))[0], 'saml_malformed')
    const draft = { change: { attributeMapping: { mail: { attributes: ['Mail'], required: true } } } }
    const missing = await preview(office, { response: world.issue(nina), draft })
    assert.equal(missing.refusal?.code, 'attribute_missing')
    assert.match(missing.refusal?.advice ?? '', /^mail did arrive/)
    assert.ok(missing.refusal?.arrivedAttributes?.includes('mail'))
    assert.deepEqual(await facts({ response: world.issue(nina), draft: { change: { jitProvisioning: false } } }), [
      'account_creation_disabled',
      'jitProvisioning',
      'an account with the subject key of the assertion',
      'none, and jitProvisioning is off',
      'service-provider',
    ])
  })

  test(`demand 11: a preview says that a new account would wait for approval, and with what (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const draft = { change: { newAccounts: 'pending' } }
    const waiting = await preview(office, { response: world.issue(nina), draft })
    assert.equal(waiting.outcome, 'refused')
    assert.deepEqual(
      waiting.findings.map(({ code }) => code),
      ['account_pending'],
    )
    assert.deepEqual(waiting.plan?.state, { after: 'pending' })
    assert.ok(waiting.plan?.granted.some(({ name }) => name === 'employee'))
  })

  test(`demand 11: a preview refuses a draft that could not be published, and writes nothing (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const before = await office.contents()
    const person = { nameId: { value: 'x' } }
    const refused = [
      [{ id, person, draft: { change: { grantableRoles: ['nobody'] } } }, 'role_not_found'],
      [{ id, person, draft: { change: { defaultRole: 'latchkey-administrator' } } }, 'role_not_grantable'],
      [{ id, person, draft: { settings: { nothing: 1 } } }, 'input_invalid'],
      [{ id, person, response: 'x' }, 'input_invalid'],
      [{ id }, 'input_invalid'],
      [{ id: 'nowhere', person }, 'connection_not_found'],
    ] as const
    for (const [input, code] of refused) await assert.rejects(office.run('connection.preview', input), { code })
    assert.equal(await office.contents(), before)
  })
})

forEachDatabase((kind, open) => {
  if (kind === 'served') return
  test('demand 11: connection preview prints what would happen, by whose rule, with the headers', async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const nowhere = () => undefined
    const context = {
      settings: freezeSettings({}),
      administer: office.run,
      readInput: () => world.issue(nina),
      print: nowhere,
      say: nowhere,
    }
    const given = { positionals: [id], flags: { response: 'captured.txt', set: ['idpManagedRoles=false'] } }
    const { text, exitCode } = await connectionPreview.run(given, context)
    assert.equal(exitCode, 0)
    for (const line of [
      /^Not a sign-in: nothing is written, nothing is consumed\.$/m,
      /^By a draft of connection company-a: accepted\.$/m,
      /^account +nobody: a first sign-in$/m,
      /^title +\(none\) +Analyst +connection:company-a +title$/m,
      /^\+ +role +employee +connection:company-a +default-role$/m,
      /^role +employee +idpManagedRoles is off$/m,
      /^ {2}Remote-User: nina$/m,
    ]) {
      assert.match(text, line)
    }
  })
})
