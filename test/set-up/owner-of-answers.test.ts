import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { previewText } from '../../src/cli/preview-text.ts'
import type { ConnectionSettingsInput } from '../../src/directory/connection.ts'
import type { LatchkeyError } from '../../src/errors.ts'
import { createInputKeeper } from '../../src/replay/input-keeper.ts'
import { createInputSeal } from '../../src/replay/seal-input.ts'
import { startSum, summaryText } from '../../src/replay/summarize.ts'
import { completeSignIn } from '../../src/sign-in/complete-sign-in.ts'
import { forEachDatabase } from '../support/databases.ts'
import { connectionId, nina, organizationId } from '../support/sign-in-world.ts'
import { asksForDesk, type Declared, openSetUpWorld } from './set-up-world.ts'

/** Whose value an answer is, who is asked at all, and who is told of it before it happens. */
forEachDatabase((kind, openDatabase) => {
  const openWorld = async (
    t: Parameters<typeof openDatabase>[0],
    declared: Declared = asksForDesk,
    settings: ConnectionSettingsInput = {},
  ) => openSetUpWorld((await openDatabase(t)).pool, declared, settings)

  const mapsDesk = (more: object = {}): ConnectionSettingsInput => ({
    attributeMapping: { desk: { attributes: ['desk'], ...more } },
  })

  test(`whoever's connection supplies the field is not asked, and neither is whoever has it (${kind})`, async (t) => {
    const { world, declare, signIn, beHeld, accountOf } = await openWorld(t, asksForDesk, mapsDesk())
    assert.ok(!('kind' in (await signIn('a', { desk: 'A-1' }))))
    assert.equal((await accountOf('a')).fields.desk?.source, `connection:${connectionId}`)
    assert.ok(!('kind' in (await signIn('a'))), 'what is there need not arrive again')
    assert.equal((await world.countRows()).set_up, 0)
    await beHeld('b')
    // Asked only along with something else.
    await declare({ customFields: { desk: { ask: { label: 'Desk' } } } })
    assert.ok(!('kind' in (await signIn('c'))))
  })

  test(`a field that only an account type demands is asked too, and one without a question refuses as before (${kind})`, async (t) => {
    const accountTypes: Declared['accountTypes'] = [
      { name: 'guest', when: 'fields.first("title") == "Guest"', requiredFields: ['host'] },
      { name: 'staff' },
    ]
    const { declare, signIn, beHeld, answer, accountOf } = await openWorld(t, {
      customFields: { host: { ask: { label: 'Whom do you visit?' } } },
      accountTypes,
    })
    assert.ok(!('kind' in (await signIn('a'))))
    const ticket = await beHeld('b', { title: 'Guest' })
    const wrong = await answer(ticket, { host: '' })
    assert.ok(wrong.kind === 'wrong')
    assert.deepEqual([...wrong.faults], [['host', 'missing']])
    assert.equal((await answer(ticket, { host: 'Ada' })).kind, 'done')
    assert.deepEqual((await accountOf('b')).fields.host?.values, ['Ada'])
    await declare({ customFields: { host: {} }, accountTypes })
    await assert.rejects(signIn('c', { title: 'Guest' }), { code: 'attribute_missing' })
  })

  test(`an answer gives way to the connection only where its mapping names the field, and as its policy says (${kind})`, async (t) => {
    const declared: Declared = {
      customFields: {
        desk: { required: true, ask: { label: 'Desk' } },
        telephoneNumber: { required: true, ask: { label: 'Telephone' } },
      },
    }
    const { world, beHeld, answer, signIn, accountOf } = await openWorld(t, declared)
    assert.equal((await answer(await beHeld('a'), { desk: 'B-1', telephoneNumber: '+1 555' })).kind, 'done')
    const owned = async (field: string) => {
      const { values, source } = (await accountOf('a')).fields[field] ?? {}
      return [values?.[0], source]
    }
    // The mapping out of the box knows the attribute, but nobody wrote that down for this connection.
    await signIn('a', { telephoneNumber: '+1 777', desk: 'C-9' })
    assert.deepEqual(await owned('telephoneNumber'), ['+1 555', 'person'])
    assert.deepEqual(await owned('desk'), ['B-1', 'person'])

    for (const update of ['ifEmpty', 'onCreate', 'never'] as const) {
      await world.changeSettings(mapsDesk({ update }))
      await signIn('a', { desk: 'C-9' })
      assert.deepEqual(await owned('desk'), ['B-1', 'person'], update)
    }
    // Nothing is taken without another value in its place: the person would be asked anew at each sign-in.
    await world.changeSettings(mapsDesk({ onMissing: 'clear' }))
    assert.ok(!('kind' in (await signIn('a'))))
    assert.deepEqual(await owned('desk'), ['B-1', 'person'])
    await signIn('a', { desk: 'C-9' })
    assert.deepEqual(await owned('desk'), ['C-9', `connection:${connectionId}`])
    assert.deepEqual(await owned('telephoneNumber'), ['+1 555', 'person'])
  })

  test(`somebody who waits for approval is asked after it, not before (${kind})`, async (t) => {
    const { world, office, signIn, beHeld } = await openWorld(t, asksForDesk, { newAccounts: 'pending' })
    await assert.rejects(signIn('a'), { code: 'account_pending' })
    assert.equal((await world.countRows()).set_up, 0)
    await office.run('account.approve', { account: 'a' })
    await beHeld('a')
  })

  test(`previews and replays tell whom a sign-in would ask for what (${kind})`, async (t) => {
    const { world, office, deps } = await openWorld(t, asksForDesk, mapsDesk())
    const seal = createInputSeal(office.deps.secret(), randomBytes)
    const failures: unknown[] = []
    const keeper = createInputKeeper({
      directory: world.directory,
      inputSeal: seal,
      onFailed: (error) => failures.push(error),
    })
    for (const name of ['ada', 'bob']) {
      const person = {
        nameId: name,
        attributes: { ...nina.attributes, uid: name, desk: `${name[0]?.toUpperCase()}-1` },
      }
      await completeSignIn({ connectionId, samlResponse: world.issue(person) }, { ...deps, keepInput: keeper.keep })
    }
    await keeper.close()
    assert.deepEqual(failures, [])
    const before = await office.contents()
    const person = { nameId: { value: 'new' }, attributes: { uid: 'new', cn: 'N', sn: 'N' } }
    const preview = await office.run('connection.preview', { id: connectionId, person })
    assert.deepEqual([preview.outcome, preview.plan?.setUp], ['accepted', ['desk']])
    assert.match(previewText(preview), /The person would be asked before anything opens: desk\./)

    const page = await office.run('connection.replay', {
      id: connectionId,
      draft: { change: { attributeMapping: { desk: { attributes: ['seat'], onMissing: 'clear' } } } },
    })
    assert.deepEqual(
      page.changes.map(({ username, asked }) => [username, asked]),
      [
        ['ada', ['desk']],
        ['bob', ['desk']],
      ],
    )
    const sum = startSum()
    sum.add(page)
    assert.match(summaryText(sum.summary()), /^2 of 2 people would change: 2 asked for more/)
    assert.equal(await office.contents(), before)
  })

  test(`questions stand in their order, then by their labels, however the storage keeps them (${kind})`, async (t) => {
    const ask = (label: string, order?: number) => ({ ask: { label, ...(order === undefined ? {} : { order }) } })
    const { beHeld, open } = await openWorld(t, {
      customFields: {
        zebra: { required: true, ...ask('Last', 3) },
        a: ask('B, without a place'),
        middleOfAll: ask('Second', 2),
        b: ask('A, without a place'),
        verylongname: ask('First', 1),
      },
    })
    const page = await open(await beHeld('a'))
    assert.ok(page.kind === 'open')
    assert.deepEqual(
      page.questions.map((question) => question.ask.label),
      ['First', 'Second', 'Last', 'A, without a place', 'B, without a place'],
    )
  })

  test(`questions are exported, applied again without a change, and refused where they cannot work (${kind})`, async (t) => {
    const { office, declare } = await openWorld(t)
    const declaration = await office.run('declaration.export', {})
    const exported = declaration.organizations[organizationId]?.customFields
    assert.deepEqual(exported?.desk?.ask, {
      label: 'Desk number',
      help: 'Like B-12.',
      pattern: '[A-Z]-[0-9]{1,3}',
      maxLength: 200,
    })
    assert.deepEqual((await office.run('declaration.apply', { declaration })).changes, [])
    const before = await office.contents()
    const ask = { label: 'Why?' }
    const many = Object.fromEntries(Array.from({ length: 21 }, (_, index) => [`q${index}`, { ask }]))
    for (const [customFields, at] of [
      [{ mail: { ask } }, 'customFields'],
      [{ accountType: { ask } }, 'customFields'],
      [many, 'customFields'],
      [{ desk: { ask: { ...ask, pattern: '(' } } }, 'customFields.desk.ask.pattern'],
      [{ desk: { ask: { ...ask, pattern: '(?=x)' } } }, 'customFields.desk.ask.pattern'],
      [{ desk: { type: 'number', ask: { ...ask, choices: ['1', 'two'] } } }, 'customFields.desk.ask.choices.1'],
      [{ desk: { ask: { ...ask, choices: ['a', 'a'] } } }, 'customFields.desk.ask.choices'],
      [{ desk: { ask: { label: ' ' } } }, 'customFields.desk.ask.label'],
      [{ desk: { ask: { ...ask, placeholder: 'x' } } }, 'customFields.desk.ask'],
    ] as const) {
      await assert.rejects(declare({ customFields } as Declared), (error: LatchkeyError) => {
        assert.equal(error.code, 'input_invalid')
        assert.match(JSON.stringify(error.detail), new RegExp(`organizations\\.${organizationId}\\.${at}`))
        return true
      })
    }
    assert.equal(await office.contents(), before)
  })
})
