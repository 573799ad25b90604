import assert from 'node:assert/strict'
import { test } from 'node:test'
import { attemptShow } from '../../src/cli/commands/attempt-show.ts'
import { freezeSettings } from '../../src/config/settings.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openWorldOffice, type WorldOffice } from '../preview/office-of-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld, nina, type SignInWorld } from '../support/sign-in-world.ts'

const promoted = { ...nina, attributes: { ...nina.attributes, title: 'Lead', role: ['manager', 'owner'] } }

async function latest(world: SignInWorld) {
  const [attempt] = await world.directory.listAttempts({ organizationId: 'company-a', limit: 1 })
  return attempt?.id ?? ''
}

async function refuse(world: SignInWorld, audience: string): Promise<string> {
  const refused = completeSignIn({ connectionId, samlResponse: world.issue(nina, { audience }) }, world.deps)
  await assert.rejects(refused, { code: 'saml_audience_mismatch' })
  return latest(world)
}

function show(office: WorldOffice, reference: string, flags: Record<string, string | boolean> = {}) {
  const nowhere = () => undefined
  const settings = freezeSettings({})
  const context = { settings, administer: office.run, readInput: () => '', print: nowhere, say: nowhere }
  return attemptShow.run({ positionals: [reference], flags }, context)
}

forEachDatabase((kind, open) => {
  test(`demand 10: an accepted sign-in tells steps, timings, assertion, plan and writes; personal values are masked until revealed, which is recorded (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const first = world.issue(nina, { assertionId: '_assertion-1' })
    await completeSignIn({ connectionId, samlResponse: first }, world.deps)
    await completeSignIn({ connectionId, samlResponse: world.issue(promoted) }, world.deps)
    const reference = await latest(world)
    const before = await office.contents()
    const shown = await office.run('attempt.show', { reference })
    assert.equal(await office.contents(), before)
    assert.deepEqual(
      shown.trace.map(({ step }) => step),
      ['decode', 'verify', 'map', 'read', 'check', 'judge', 'plan', 'authorize'],
    )
    assert.deepEqual(
      shown.fields.find(({ field }) => field === 'title'),
      { field: 'title', before: ['A•••t'], after: ['L•••'], rule: 'title' },
    )
    const actions = shown.writes.map(({ action }) => action)
    assert.deepEqual(actions, ['account.updated', 'role.granted', 'role.revoked'])
    assert.deepEqual(shown.writes[1]?.detail, { roles: { manager: 'assertion-role' } })
    assert.doesNotMatch(JSON.stringify(shown), /Analyst|Lead/)
    const setAside = shown.trace.find(({ step }) => step === 'plan')?.notes?.setAside
    assert.deepEqual(setAside, [{ subject: 'role', value: 'owner', reason: 'no such role in the organization' }])

    const revealed = await office.run('attempt.reveal', { reference })
    assert.deepEqual(
      revealed.fields.find(({ field }) => field === 'title'),
      { field: 'title', before: ['Analyst'], after: ['Lead'], rule: 'title' },
    )
    const { rows } = await world.pool.query("select actor, target from audit_event where action = 'attempt.revealed'")
    assert.deepEqual(rows, [{ actor: 'cli', target: `attempt:${reference}` }])

    const [, oldest] = await world.directory.listAttempts({ organizationId: 'company-a', limit: 2 })
    const created = await office.run('attempt.show', { reference: oldest?.id ?? '' })
    assert.equal(created.trace.find(({ step }) => step === 'verify')?.notes?.assertion, '_assertion-1')
    assert.deepEqual(created.writes[0]?.action, 'account.created')
  })

  test(`demand 10: the partner sees what they sent and what was wanted of it, the person one sentence, neither anything of ours (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const reference = await refuse(world, 'urn:other')
    const partner = await show(office, reference, { view: 'partner' })
    for (const line of [
      /^code +saml_audience_mismatch$/m,
      /^to fix +at your identity provider$/m,
      /^arrived +urn:other$/m,
      /^wanted +http:\/\/latchkey\.localhost:4400\/sso\/company-a\/metadata$/m,
      /^your entity ID +http:\/\/company-a\.localhost:4401\/metadata$/m,
    ]) {
      assert.match(partner.text, line)
    }
    const person = await show(office, reference, { view: 'person' })
    assert.match(person.text, /^the person read +The assertion was issued for another service\.$/m)
    assert.doesNotMatch(person.text, /urn:other|saml_audience/)

    await world.changeSettings({ jitProvisioning: false })
    await assert.rejects(completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps), {
      code: 'account_creation_disabled',
    })
    const ours = await show(office, await latest(world), { view: 'partner' })
    assert.match(ours.text, /^to fix +not by you$/m)
    assert.match(ours.text, /^assertion +\S+$/m)
    assert.doesNotMatch(ours.text, /jitProvisioning|subject key/)
    const expression = 'string(int(attributes.first("title")))'
    await world.changeSettings({ jitProvisioning: true, attributeMapping: { title: { expression } } })
    await assert.rejects(completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps), {
      code: 'attribute_invalid',
    })
    const unfit = await show(office, await latest(world), { view: 'partner' })
    assert.match(unfit.text, /^wanted +values that the expression can use/m)
    assert.doesNotMatch(unfit.text, /attributes\.first/)
    await assert.rejects(show(office, reference, { view: 'partner', reveal: true }), { code: 'input_invalid' })
    await assert.rejects(show(office, reference, { view: 'everybody' }), { code: 'input_invalid' })
  })

  test(`demand 10: a user name that is taken is masked in the trace until it is revealed (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    await completeSignIn({ connectionId, samlResponse: world.issue(nina) }, world.deps)
    const other = world.issue({ ...nina, nameId: 'somebody-else' })
    await assert.rejects(completeSignIn({ connectionId, samlResponse: other }, world.deps), {
      code: 'account_conflict',
    })
    const reference = await latest(world)
    const arrivedIn = (trace: { readonly notes?: Readonly<Record<string, unknown>> }[]) =>
      trace.map(({ notes }) => notes?.arrived).find(Boolean)
    assert.equal(arrivedIn([...(await office.run('attempt.show', { reference })).trace]), 'n•••')
    assert.equal(arrivedIn([...(await office.run('attempt.reveal', { reference })).trace]), 'nina')
    const [listed] = await office.run('attempt.list', {})
    assert.equal(arrivedIn([...(listed?.trace ?? [])]), 'n•••')
  })
})
