import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { connectionReplay } from '../../src/cli/commands/connection-replay.ts'
import { freezeSettings } from '../../src/config/settings.ts'
import { createInputSeal } from '../../src/replay/seal-input.ts'
import { startSum, summaryText } from '../../src/replay/summarize.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { openWorldOffice } from '../preview/office-of-world.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, createSignInWorld } from '../support/sign-in-world.ts'
import { openReplays, person } from './replay-world.ts'

const id = connectionId

forEachDatabase((kind, open) => {
  test(`demand 11: a replay says whom a draft would refuse, whom it would give or take what, and who would collide; it writes nothing (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const { signIn, keeper, failures } = openReplays(world)
    await signIn(person('ada', { role: ['manager'], mail: 'ada@a.example' }))
    await signIn(person('bob', { mail: 'shared@a.example' }))
    await signIn(person('cleo', { mail: 'shared@a.example' }))
    await signIn(person('dan'))
    await signIn(person('eve', { mail: 'eve@a.example' }))
    await keeper.close()
    assert.deepEqual(failures, [])

    const before = await office.contents()
    const replay = async (change: Record<string, unknown>) => {
      const page = await office.run('connection.replay', { id, draft: { change } })
      assert.deepEqual([page.total, page.people, page.unreadable, page.next], [5, 5, 0, undefined])
      return page.changes
    }
    assert.deepEqual(await replay({}), [])

    const lost = await replay({ grantableRoles: ['employee'] })
    assert.deepEqual(
      lost.map(({ username, loses, gains }) => [username, loses, gains]),
      [['ada', ['role manager'], ['role employee']]],
    )
    const refused = await replay({ attributeMapping: { mail: { attributes: ['mail'], required: true } } })
    assert.deepEqual(
      refused.map(({ username, refusedWith }) => [username, refusedWith]),
      [['dan', 'attribute_missing']],
    )
    const fields = await replay({ attributeMapping: { title: { attributes: ['job'] } } })
    assert.equal(fields.length, 5)
    assert.deepEqual(fields[0]?.fields, ['title'])
    assert.deepEqual(
      (await replay({ jitProvisioning: false, subjectKey: { attribute: 'uid' } })).map(
        ({ refusedWith }) => refusedWith,
      ),
      Array.from({ length: 5 }, () => 'account_creation_disabled'),
    )
    assert.equal(await office.contents(), before)

    // Ada is known over another connection too: only she could prove whose account it is.
    await world.directory.createConnection({ ...(await world.connection()), id: 'other' }, world.event('test'))
    await world.pool.query(
      `insert into identity (organization_id, connection_id, subject_key, account_id, created_at)
       select organization_id, 'other', 'ada', id, created_at from account where username = 'ada'`,
    )
    const asked = await office.run('connection.replay', {
      id,
      draft: { change: { linking: 'proof', subjectKey: { attribute: 'uid' } } },
    })
    assert.deepEqual(
      asked.changes.map(({ username, refusedWith }) => [username, refusedWith]),
      ['ada', 'bob', 'cleo', 'dan', 'eve'].map((name) => [
        name,
        name === 'ada' ? 'account_link_proof_required' : 'account_link_pending',
      ]),
    )
    const sum = startSum()
    sum.add(asked)
    assert.equal(summaryText(sum.summary()), '5 of 5 people would change: 4 refused, 1 asked for proof.')
  })

  test(`demand 11: connection replay adds pages up in a sentence, finds people who would want one name, and lists them (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const { signIn, keeper } = openReplays(world)
    await signIn(person('ada', { role: ['manager'] }))
    await signIn(person('bob', { alias: 'same' }))
    await signIn(person('cleo', { alias: 'same' }))
    await keeper.close()
    const nowhere = () => undefined
    const context = {
      settings: freezeSettings({}),
      administer: office.run,
      readInput: () => '',
      print: nowhere,
      say: nowhere,
    }
    const set = ['attributeMapping={ uid: { attributes: [alias, uid] } }', 'grantableRoles=[employee]']
    const { text, result } = await connectionReplay.run({ positionals: [id], flags: { set } }, context)
    assert.match(text, /^3 of 3 people would change: 1 lose role manager, 1 gain role employee, 2 conflicts, 2 renamed/)
    assert.match(text, /^ada +loses +role manager$/m)
    assert.match(text, /^bob +renamed +same$/m)
    assert.equal((result as { readonly notListed: number }).notListed, 0)
    const flags = { set: ['grantableRoles=[employee]'] }
    assert.match(
      (await connectionReplay.run({ positionals: [id], flags }, context)).text,
      /^1 of 3 people would change/,
    )
    await assert.rejects(connectionReplay.run({ positionals: [id], flags: {} }, context), { code: 'input_invalid' })
  })

  test(`demand 11: publishing a draft can demand that few enough people change (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const { signIn, keeper } = openReplays(world)
    for (const name of ['ada', 'bob', 'cleo', 'dan']) await signIn(person(name, { role: ['manager'] }))
    await keeper.close()
    await office.run('connection.draft', { id, draft: { change: { grantableRoles: ['employee'] } } })
    const before = await office.contents()
    for (const maxChanges of [{ people: 3 }, { percent: 99 }]) {
      await assert.rejects(office.run('connection.publish', { id, maxChanges }), { code: 'change_budget_exceeded' })
    }
    assert.equal(await office.contents(), before)
    assert.equal((await office.run('connection.publish', { id, maxChanges: { percent: 100 } })).version, 2)
  })

  test(`a budget is not met where people sign in and nothing of it is kept, and is where nobody does (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const publish = async (skew: number) => {
      await office.run('connection.draft', { id, draft: { change: { clockSkewSeconds: skew } } })
      return office.run('connection.publish', { id, maxChanges: { people: 0 } })
    }
    assert.equal((await publish(5)).version, 2)
    await completeSignIn({ connectionId: id, samlResponse: world.issue(person('ada', {})) }, world.deps)
    await assert.rejects(publish(6), { code: 'change_budget_exceeded' })
    assert.equal((await world.connection()).version, 2)
  })

  test(`what a sign-in said is kept sealed, the newest of each person, and is of no use under another secret (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const { signIn, keeper } = openReplays(world, Buffer.alloc(32, 9))
    await signIn(person('ada', { title: 'Countess' }))
    await keeper.flush()
    // The same again on the same day is not kept again; what changes something is.
    await signIn(person('ada', { title: 'Countess' }))
    await keeper.flush()
    const connection = await world.connection()
    const [first] = await world.directory.listSignInInputs(connection, { limit: 10 })
    await signIn(person('ada', { title: 'Queen' }))
    await keeper.close()
    const kept = await world.directory.listSignInInputs(connection, { limit: 10 })
    assert.equal(kept.length, 1)
    assert.ok(first !== undefined && kept[0] !== undefined && kept[0].attemptId > first.attemptId)
    assert.doesNotMatch(JSON.stringify(kept), /Queen|ada/)
    const page = await office.run('connection.replay', { id, draft: { change: {} } })
    assert.deepEqual([page.people, page.unreadable, page.changes], [1, 1, []])
    await office.run('connection.draft', { id, draft: { change: { jitProvisioning: false } } })
    const publish = office.run('connection.publish', { id, maxChanges: { people: 5 } })
    await assert.rejects(publish, { code: 'change_budget_exceeded' })

    const opened = createInputSeal(Buffer.alloc(32, 9), randomBytes)
    assert.ok(opened.open(kept[0]).attributes.some(({ name, values }) => name === 'title' && values[0] === 'Queen'))
    const moved = { ...kept[0], accountId: first.attemptId }
    assert.throws(() => opened.open(moved), { code: 'secret_wrong' })
    await world.directory.pruneSignInInputs(kept[0].at)
    assert.equal(await world.directory.countSignInInputs(connection), 1)
    await world.directory.pruneSignInInputs(new Date(kept[0].at.getTime() + 1))
    assert.equal(await world.directory.countSignInInputs(connection), 0)
  })
})

forEachDatabase((kind, open) => {
  test(`demand 10: what a kept sign-in said is part of its trace, masked until revealed, and can be previewed anew (${kind})`, async (t) => {
    const world = await createSignInWorld((await open(t)).pool)
    const office = openWorldOffice(world)
    const { signIn, keeper } = openReplays(world)
    await signIn(person('ada', { title: 'Countess' }))
    await keeper.close()
    const [attempt] = await world.directory.listAttempts({ organizationId: 'company-a', limit: 1 })
    const reference = attempt?.id ?? ''
    const titleIn = (
      input:
        | { readonly attributes: readonly { readonly name: string; readonly values: readonly string[] }[] }
        | undefined,
    ) => input?.attributes.find(({ name }) => name === 'title')?.values
    assert.deepEqual(titleIn((await office.run('attempt.show', { reference })).input), ['C•••s'])
    assert.deepEqual(titleIn((await office.run('attempt.reveal', { reference })).input), ['Countess'])
    const before = await office.contents()
    const draft = { change: { attributeMapping: { title: { attributes: ['job'] } } } }
    const { outcome, plan } = await office.run('connection.preview', { id, attempt: reference, draft })
    assert.equal(outcome, 'accepted')
    assert.deepEqual(
      plan?.fields.map(({ field, before: was, after }) => [field, was?.values, after?.values]),
      [['title', ['Countess'], ['job of ada']]],
    )
    const written = (await office.contents()).split('\n').filter((line) => !before.split('\n').includes(line))
    assert.equal(written.length, 1)
    assert.match(written[0] ?? '', /,cli,attempt\.revealed,attempt:/)
    await completeSignIn({ connectionId, samlResponse: world.issue(person('bob')) }, world.deps)
    const [other] = await world.directory.listAttempts({ organizationId: 'company-a', limit: 1 })
    const missing = office.run('connection.preview', { id, attempt: other?.id ?? '' })
    await assert.rejects(missing, { code: 'sign_in_input_missing' })
  })
})

test('a replay is told in one sentence', () => {
  const summary = {
    ...{
      people: 1204,
      changed: 37,
      unreadable: 0,
      admitted: 0,
      conflicts: 1,
      asked: 0,
      renamed: 0,
      otherAccount: 0,
      ends: 0,
    },
    ...{ refused: { attribute_missing: 3 }, lost: { 'role billing-admin': 12 }, gained: {}, fields: {} },
  }
  assert.equal(
    summaryText(summary),
    '37 of 1,204 people would change: 12 lose role billing-admin, 3 refused, 1 conflict.',
  )
})
